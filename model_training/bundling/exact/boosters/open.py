"""Open the native file of a model, with the encoder that turns the texts of categories into its codes."""

import json
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.pipeline import Pipeline

from function.model.engines.sklearn import UNSUPPORTED_ERRORS
from model_training.bundling.exact.boosters.encoding import with_encoder
from model_training.bundling.exact.boosters.libraries import (
    open_catboost,
    open_lightgbm,
    open_xgboost,
    saved,
)
from model_training.bundling.exact.boosters.opened import SparseXGBoostClassifier, SparseXGBoostRegressor
from model_training.bundling.exact.boosters.trial import Trial, try_to_load
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import reading
from model_training.bundling.exact.trees.lightgbm.text import without_unread
from model_training.bundling.exact.trees.native_file import NativeFile, library_of, native_file_of
from model_training.fitting.boosters import Boosted

SUFFIXES = (".ubj", ".json", ".txt", ".cbm")
"""Of native files: XGBoost's, XGBoost's or CatBoost's, LightGBM's, CatBoost's."""


def open_native(
    suffix: str,
    data: bytes,
    rows: pd.DataFrame,
    missing: float | None = None,
    classes: tuple[Any, ...] | None = None,
    trial: Trial = try_to_load,
) -> Any:
    """Open a file, loaded by the library that wrote it, as an estimator or as a pipeline with an encoder.

    Args:
        suffix: of the file's name, one of `SUFFIXES`.
        data: the file.
        rows: a sample with a column for each feature, in the order of the file's.
        missing: the number that means missing to XGBoost, besides NaN.
        classes: the labels, in the order of the file's classes; None: those of the file, or 0, 1, 2 ...
        trial: loads the file in another process first, because a damaged one can crash the library.

    Raises:
        Refused: it is not supported or malformed, or the library is not installed.
    """
    is_catboost = suffix == ".cbm" or (suffix == ".json" and _is_catboost(data))
    if missing is not None and (is_catboost or suffix == ".txt"):
        raise Refused("a number that means missing is supported for XGBoost only")
    if suffix == ".txt":
        text = NativeFile("lightgbm", data, classes)
        text.read()
        trial("lightgbm", without_unread(data), "")
        return with_encoder(open_lightgbm(text), rows)
    if is_catboost:
        trial("catboost", data, suffix.removeprefix("."))
        return with_encoder(open_catboost(data, rows, suffix.removeprefix("."), classes), rows)
    file = NativeFile("xgboost", data, classes, np.nan if missing is None else missing)
    file.read()
    trial("xgboost", data, "")
    return with_encoder(open_xgboost(file), rows)


def open_trained(model: Any) -> Any:
    """Open the file of the booster that a pipeline of `train` ends in; any other model is returned as it is.

    Raises:
        Refused: it is not supported.
    """
    if not isinstance(model, Pipeline) or not isinstance(model[-1], Boosted):
        return model
    fitted = model[-1]
    library, booster = fitted.library, fitted.model_
    classes = tuple(fitted.classes_.tolist()) if hasattr(fitted, "classes_") else None
    if library == "xgboost":
        data = bytes(booster.get_booster().save_raw("ubj"))
        estimator = open_xgboost(NativeFile(library, data, classes, float(booster.missing)))
    elif library == "lightgbm":
        estimator = open_lightgbm(NativeFile(library, booster.booster_.model_to_string().encode(), classes))
    else:
        estimator = open_catboost(saved(booster, format="cbm"), None, "cbm", classes)
    return Pipeline([*model.steps[:-1], (model.steps[-1][0], estimator)])


def open_fitted(model: Any, rows: pd.DataFrame) -> Any:
    """Open a fitted model that is a booster, or a pipeline that ends in one; any other is returned as it is.

    What is neither classifier nor regressor to scikit-learn becomes what its file says: a ranker, or a library's own
    `Booster`.

    Raises:
        Refused: it is not supported.
    """
    estimator = model.steps[-1][1] if isinstance(model, Pipeline) else model
    library = library_of(estimator)
    alone = model is estimator
    if library == "catboost":
        estimator = open_catboost(saved(estimator, format="cbm"), rows if alone else None, "cbm")
    elif library == "xgboost" and not isinstance(estimator, ClassifierMixin | RegressorMixin):
        estimator = open_xgboost(native_file_of(estimator))
    elif library == "lightgbm" and (alone or not isinstance(estimator, ClassifierMixin | RegressorMixin)):
        estimator = open_lightgbm(native_file_of(estimator))
    if not alone:
        pipeline = Pipeline([*model.steps[:-1], (model.steps[-1][0], estimator)])
        return _with_sparse_input(pipeline, rows) if library == "xgboost" else pipeline
    return estimator if library is None else with_encoder(estimator, rows)


def _with_sparse_input(pipeline: Pipeline, rows: pd.DataFrame) -> Pipeline:
    """Say so if a model of XGBoost is given sparse matrices by its encoder.

    Without this, an encoded vector, which is dense, would be predicted otherwise than the row. A pipeline that cannot
    encode the sample, or to whose model another number means missing, stays as it is.
    """
    estimator = pipeline[-1]
    try:
        sparse = issparse(pipeline[:-1].transform(rows))
    except UNSUPPORTED_ERRORS:  # Later, `pack` predicts the rows that the model supports, and reports the others.
        return pipeline
    if not sparse or not np.isnan(estimator.missing):
        return pipeline
    kind = SparseXGBoostClassifier if isinstance(estimator, ClassifierMixin) else SparseXGBoostRegressor
    return Pipeline([*pipeline.steps[:-1], (pipeline.steps[-1][0], kind(estimator))])


def _is_catboost(data: bytes) -> bool:
    with reading("XGBoost or CatBoost"):
        return "model_info" in json.loads(data)
