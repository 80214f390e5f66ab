"""The file of a gradient boosting library, with what an estimator knows and the file does not hold."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from model_training.bundling.exact.trees.catboost.read import read_catboost
from model_training.bundling.exact.trees.lightgbm.read import read_lightgbm
from model_training.bundling.exact.trees.structure import Ensemble
from model_training.bundling.exact.trees.xgboost.read import read_xgboost


@dataclass(frozen=True)
class NativeFile:
    """A file, and how to read it."""

    library: str
    """xgboost, lightgbm or catboost."""
    data: bytes
    classes: tuple[Any, ...] | None = None
    """The labels; None: those of the file, or 0, 1, 2 ..."""
    missing: float = np.nan
    """The number that means missing to XGBoost."""
    sparse: bool = False
    """Whether XGBoost is given sparse matrices, of which it does not see the zeros."""
    texts: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """For each column that holds categories of CatBoost: their values as text, in the order of their codes."""

    def read(self) -> Ensemble:
        """Read the file.

        Raises:
            Refused: it has something that is not known to be exact, or is malformed.
        """
        if self.library == "xgboost":
            return replace(read_xgboost(self.data, self.classes, self.missing), absent_zeros=self.sparse)
        if self.library == "lightgbm":
            return read_lightgbm(self.data, self.classes)
        return read_catboost(self.data, self.classes, self.texts)


def library_of(estimator: Any) -> str | None:
    """Return the library of an estimator, if it is one of those with files of their own."""
    known = getattr(estimator, "native_file", None)
    if isinstance(known, NativeFile):
        return known.library
    name = type(estimator).__module__.partition(".")[0]
    return name if name in FILES else None


def native_file_of(estimator: Any) -> NativeFile:
    """Write the file of a fitted estimator of one of the libraries."""
    known = getattr(estimator, "native_file", None)
    if isinstance(known, NativeFile):
        return known
    return FILES[type(estimator).__module__.partition(".")[0]](estimator)


def _xgboost(estimator: Any) -> NativeFile:
    booster = estimator.get_booster() if hasattr(estimator, "get_booster") else estimator
    missing = getattr(estimator, "missing", None)
    data, missing = bytes(booster.save_raw("ubj")), np.nan if missing is None else float(missing)
    return NativeFile("xgboost", data, _labels(estimator), missing)


def _lightgbm(estimator: Any) -> NativeFile:
    booster = getattr(estimator, "booster_", estimator)
    return NativeFile("lightgbm", booster.model_to_string().encode(), _labels(estimator))


def _catboost(estimator: Any) -> NativeFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        estimator.save_model(str(path), format="json")
        return NativeFile("catboost", path.read_bytes(), _labels(estimator))


def _labels(estimator: Any) -> tuple[Any, ...] | None:
    """Return the labels of a classifier."""
    classes = getattr(estimator, "classes_", None) if hasattr(estimator, "predict_proba") else None
    return None if classes is None or not len(classes) else tuple(np.asarray(classes).tolist())


FILES: dict[str, Callable[[Any], NativeFile]] = {
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
}
