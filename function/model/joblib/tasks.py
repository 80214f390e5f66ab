"""What a fitted model predicts: its task, its classes or clusters, and its outputs."""

from typing import Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType
from sklearn.base import BaseEstimator, ClusterMixin, OutlierMixin, is_classifier, is_regressor
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.pipeline import Pipeline

from function.errors import Refused
from function.model.manifest import (
    CLASSES_OF_BINARY,
    OUTLIER_LABELS,
    WITHOUT_CLASSES,
    OtherTask,
    Output,
    Scalar,
    Task,
)

MIXTURES = (GaussianMixture, BayesianGaussianMixture)
MATRIX = 2
HINTS = {
    "LocalOutlierFactor": "fit it with novelty=True",
    "DBSCAN": "it assigns no cluster to new rows",
    "HDBSCAN": "it assigns no cluster to new rows",
    "OPTICS": "it assigns no cluster to new rows",
    "AgglomerativeClustering": "it assigns no cluster to new rows",
    "FeatureAgglomeration": "it assigns no cluster to new rows",
    "SpectralClustering": "it assigns no cluster to new rows",
}


class Prediction(NamedTuple):
    """What a model predicts for each row."""

    task: Task | OtherTask
    classes: tuple[Scalar, ...] | None
    """The labels of a model with one output; None for numbers."""
    outputs: tuple[Output, ...] | UnsetType
    """The outputs of a model that predicts several values for each row."""
    probabilities: bool


def task_of(model: Any) -> Task | OtherTask:
    """Return the task of a fitted model, as its class has it; only a prediction shows whether it has several outputs.

    Raises:
        Refused: it has no task that is served; the message names its class.
    """
    last = _last(model)
    if not isinstance(model, BaseEstimator) or not hasattr(model, "predict"):
        raise _refusal(last, "without predict")
    if is_regressor(model):
        return "regression"
    if is_classifier(model):
        classes = getattr(model, "classes_", None)
        if isinstance(classes, list):
            return "multioutput-classification"
        if not isinstance(classes, np.ndarray) or classes.ndim != 1:
            raise _refusal(last, "without classes: is it fitted?")
        return "binary" if len(classes) == CLASSES_OF_BINARY else "multiclass"
    if isinstance(last, OutlierMixin):
        if not hasattr(model, "decision_function"):
            raise _refusal(last, "without decision_function")
        return "outlier"
    if isinstance(last, (ClusterMixin, *MIXTURES)):
        return "cluster"
    raise _refusal(last, "which is none of these")


def target_task(model: Any) -> Task:
    """Return the task of a model that predicts one target, and so can be evaluated.

    Raises:
        Refused: it has another task.
    """
    task = task_of(model)
    for each in get_args(Task):
        if task == each:
            known: Task = each
            return known
    raise Refused(f"a model of the task {task} has no metrics")


def describe_prediction(model: Any, labels: npt.NDArray[Any]) -> Prediction:
    """Describe what a fitted model predicts, from its `labels` for one or more rows, [n] or [n, outputs].

    Raises:
        Refused: it predicts what is not served.
    """
    task = task_of(model)
    outputs: tuple[Output, ...] | UnsetType = UNSET
    if task == "multioutput-classification" or (labels.ndim == MATRIX and labels.shape[1] > 1):
        task = "multioutput-regression" if task == "regression" else "multioutput-classification"
        outputs = _outputs(model, task, labels)
    elif labels.size != len(labels):
        raise _refusal(_last(model), f"that predicts an array of shape {labels.shape}")
    with_probabilities = task in ("binary", "multiclass") or isinstance(_last(model), MIXTURES)
    probabilities = with_probabilities and hasattr(model, "predict_proba")
    return Prediction(task, None if outputs else classes_of(model, task), outputs, probabilities)


def classes_of(model: Any, task: Task | OtherTask) -> tuple[Scalar, ...] | None:
    """Return the labels that a model of one output predicts; None for numbers and for several outputs."""
    if task in WITHOUT_CLASSES:
        return None
    if task == "outlier":
        return OUTLIER_LABELS
    return _clusters(_last(model)) if task == "cluster" else tuple(model.classes_.tolist())


def _outputs(model: Any, task: Task | OtherTask, labels: npt.NDArray[Any]) -> tuple[Output, ...]:
    """Return the outputs, which scikit-learn numbers but does not name."""
    names = [f"y{i}" for i in range(labels.shape[1])]
    if task == "multioutput-regression":
        return tuple(map(Output, names))
    given = model.classes_ if isinstance(model.classes_, list) else [np.arange(2)] * len(names)
    # The predictions of a matrix have one type, which is not always that of the classes.
    kind = {"O": object, "U": np.str_}.get(labels.dtype.kind, labels.dtype)
    classes = [tuple(np.asarray(each).astype(kind).tolist()) for each in given]
    if len(classes) != len(names) or len({type(value) for each in classes for value in each}) != 1:
        raise _refusal(_last(model), "whose outputs have classes of different types")
    return tuple(map(Output, names, classes))


def _clusters(model: Any) -> tuple[int, ...]:
    """Return the numbers of the clusters that a fitted clusterer assigns."""
    labels = getattr(model, "subcluster_labels_", None)
    if labels is not None:  # Of Birch, whose last step numbers the clusters.
        return tuple(np.unique(labels).tolist())
    centers = getattr(model, "weights_" if isinstance(model, MIXTURES) else "cluster_centers_", None)
    if centers is None:
        raise _refusal(model, "without cluster_centers_, so that the number of its clusters is unknown: is it fitted?")
    # Affinity propagation that did not converge has no centers, and predicts -1.
    return tuple(range(len(centers))) or (-1,)


def _last(model: Any) -> Any:
    """Return the estimator that a pipeline or a search ends with."""
    while True:
        if isinstance(model, Pipeline):
            model = model.steps[-1][1]
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        else:
            return model


def _refusal(model: Any, why: str) -> Refused:
    name = type(model).__name__
    hint = f": {HINTS[name]}" if name in HINTS else ""
    return Refused(
        "the file holds no fitted classifier or regressor, outlier detector or clusterer, "
        f"but an object of the class {name} {why}{hint}"
    )
