"""Load joblib files: the pipeline of a bundle, or a bare model, whose manifest is built from its attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import sklearn
from sklearn.base import BaseEstimator, is_classifier, is_regressor

from function.errors import Refused
from function.model.engines.sklearn import SklearnEngine
from function.model.joblib.unpickle import unpickle
from function.model.manifest import CLASSES_OF_BINARY, Feature, Manifest, Task, check

MAX_FEATURES = 10_000


def read_joblib(data: bytes, max_bytes: int) -> tuple[Any, tuple[str, ...]]:
    """Unpickle a model through the allow-list; return it with warnings.

    Raises:
        Refused: the file is not allowed or damaged; the message includes the versions of scikit-learn if they differ.
    """
    here = sklearn.__version__
    try:
        unpickled = unpickle(data, max_bytes)
    except Refused as error:
        made = error.sklearn_version
        if made in (None, here):
            raise
        raise Refused(f"{error} (made by scikit-learn {made}, read by {here})") from error
    made = unpickled.sklearn_version
    if made is None or made.split(".")[:2] == here.split(".")[:2]:
        return unpickled.object, ()
    return unpickled.object, (f"made by scikit-learn {made}, served by {here}: predictions may differ",)


def read_bare(data: bytes, sha256: str, max_bytes: int, name: str) -> tuple[Manifest, SklearnEngine, tuple[str, ...]]:
    """Load a bare joblib file: a model of one stage, whose features have names if it was fitted on a table.

    Raises:
        Refused: the file is not a model that can be served.
    """
    model, warnings = read_joblib(data, max_bytes)
    with inspection():
        return (*_described(model, sha256, name), warnings)


@contextmanager
def inspection() -> Iterator[None]:
    """Refuse a model on which anything fails while it is inspected: attributes of its may be damaged, or missing."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"the model is damaged or of other versions: {type(error).__name__}") from error


def _described(model: Any, sha256: str, name: str) -> tuple[Manifest, SklearnEngine]:
    task = task_of(model)
    width = getattr(model, "n_features_in_", None)
    if not isinstance(width, int) or not 1 <= width <= MAX_FEATURES:
        raise Refused(f"the model's n_features_in_ is not an integer from 1 to {MAX_FEATURES}")
    names = [str(name) for name in getattr(model, "feature_names_in_", ())]
    manifest = Manifest(
        name=name,
        version=sha256[:12],
        task=task,
        stages=1,
        features=tuple(Feature(name=name, type="any") for name in names),
        encoded=tuple(names or [f"x{i}" for i in range(width)]),
        classes=tuple(model.classes_.tolist()) if task != "regression" else None,
    )
    check(manifest)
    return manifest, SklearnEngine(None, model, names, probabilities=hasattr(model, "predict_proba"))


def task_of(model: Any) -> Task:
    """Return the task of a fitted model.

    Raises:
        Refused: it is neither a classifier nor a regressor with one output.
    """
    if isinstance(model, BaseEstimator) and is_regressor(model):
        if _has_several_outputs(model):
            raise Refused("the model predicts several values for each row; models of one value are supported")
        return "regression"
    classes: npt.NDArray[Any] = getattr(model, "classes_", np.empty((0, 0)))
    one = isinstance(classes, np.ndarray) and classes.ndim == 1
    if isinstance(model, BaseEstimator) and is_classifier(model) and one:
        return "binary" if len(classes) == CLASSES_OF_BINARY else "multiclass"
    raise Refused("the file holds no fitted classifier or regressor of one output")


def _has_several_outputs(model: Any) -> bool:
    """Return whether a fitted regressor predicts more than one value for a row of zeros, if it supports such a row."""
    width = getattr(model, "n_features_in_", None)
    if not isinstance(width, int) or not 1 <= width <= MAX_FEATURES:
        return False
    try:
        return int(np.asarray(model.predict(np.zeros((1, width)))).size) > 1
    except Exception:  # It wants text, or names: then the engine counts the values of each prediction.
        return False
