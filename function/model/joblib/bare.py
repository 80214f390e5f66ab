"""Load joblib files: the pipeline of a bundle, or a bare model, whose manifest is built from its attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import sklearn
from sklearn.base import BaseEstimator, is_classifier, is_regressor

from function.errors import Refused
from function.model.engines.inputs import VECTORIZERS, first_part
from function.model.engines.sklearn import SklearnEngine
from function.model.joblib.trial import try_rows
from function.model.joblib.unpickle import unpickle
from function.model.joblib.versions import describe, differ
from function.model.manifest import CLASSES_OF_BINARY, Feature, Manifest, Task, check

MAX_FEATURES = 10_000


def read_joblib(data: bytes, max_bytes: int) -> tuple[Any, tuple[str, ...]]:
    """Unpickle a model through the allow-list; return it with warnings.

    Raises:
        Refused: the file is not allowed or damaged; the message includes the versions of scikit-learn if they differ.
    """
    model, warnings, _ = _read(data, max_bytes)
    return model, warnings


def _read(data: bytes, max_bytes: int) -> tuple[Any, tuple[str, ...], str | None]:
    here = sklearn.__version__
    try:
        unpickled = unpickle(data, max_bytes)
    except Refused as error:
        raise Refused(f"{error}{describe(error.sklearn_version, here)}") from error
    made = unpickled.sklearn_version
    warned = (f"made by scikit-learn {made}, served by {here}: predictions may differ",) if differ(made, here) else ()
    return unpickled.object, warned, made


def read_bare(data: bytes, sha256: str, max_bytes: int, name: str) -> tuple[Manifest, SklearnEngine, tuple[str, ...]]:
    """Load a bare joblib file: a model of one stage, whose features have names if it was fitted on a table.

    Raises:
        Refused: the file is not a model that can be served, or it predicts no made-up row.
    """
    model, warnings, made = _read(data, max_bytes)
    with inspection():
        return (*_described(model, sha256, name, made), warnings)


@contextmanager
def inspection() -> Iterator[None]:
    """Refuse a model on which anything fails while it is inspected: attributes of its may be damaged, or missing."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"the model is damaged or of other versions: {type(error).__name__}") from error


def _described(model: Any, sha256: str, name: str, made: str | None) -> tuple[Manifest, SklearnEngine]:
    task, names, width = task_of(model), *_columns_of(model)
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
    engine = SklearnEngine(model, names, stages=1, probabilities=hasattr(model, "predict_proba"))
    try:
        try_rows(model, engine, width)
    except Refused as error:
        raise Refused(f"{error}{describe(made, sklearn.__version__)}") from error
    return manifest, engine


def _columns_of(model: Any) -> tuple[list[str], int]:
    """Return the names of a model's columns, if it knows them, and their number."""
    first = first_part(model)
    if isinstance(first, VECTORIZERS):
        return ["text"], 1
    width = getattr(first, "n_features_in_", None)
    if not isinstance(width, int) or not 1 <= width <= MAX_FEATURES:
        raise Refused(
            f"the model's n_features_in_ is not an integer from 1 to {MAX_FEATURES}: pack it with a sample, whose "
            "columns it then has"
        )
    return [str(name) for name in getattr(first, "feature_names_in_", ())], width


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
