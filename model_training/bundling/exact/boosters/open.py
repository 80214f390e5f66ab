"""Open the native file of a model, with the encoder that turns the texts of categories into its codes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from model_training.bundling.exact.boosters.libraries import (
    in_order,
    open_catboost,
    open_lightgbm,
    open_xgboost,
    saved,
)
from model_training.bundling.exact.boosters.trial import Trial, try_to_load
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import reading
from model_training.bundling.exact.trees.lightgbm.read import pandas_categories
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
        return _with_encoder(open_lightgbm(text), rows)
    if is_catboost:
        trial("catboost", data, suffix.removeprefix("."))
        return _with_encoder(open_catboost(data, rows, suffix.removeprefix("."), classes), rows)
    file = NativeFile("xgboost", data, classes, np.nan if missing is None else missing)
    file.read()
    trial("xgboost", data, "")
    return _with_encoder(open_xgboost(file), rows)


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
        return Pipeline([*model.steps[:-1], (model.steps[-1][0], estimator)])
    return estimator if library is None else _with_encoder(estimator, rows)


def _with_encoder(estimator: Any, rows: pd.DataFrame) -> Any:
    """Put an encoder of its categories before an estimator that has some."""
    rows = in_order(getattr(estimator, "feature_names_in_", None), rows)
    library = library_of(estimator)
    if library == "xgboost":
        return encoded(estimator, xgboost_categories(estimator), rows)
    if library == "lightgbm":
        return encoded(estimator, lightgbm_categories(estimator.native_file.data, rows), rows)
    return encoded(estimator, catboost_categories(estimator, rows), rows)


def encoded(estimator: Any, categories: Mapping[int, Sequence[Any]], rows: pd.DataFrame) -> Any:
    """Put an encoder before an estimator that makes codes of its categories; other columns stay as they are."""
    if getattr(estimator, "n_features_in_", len(rows.columns)) != len(rows.columns):
        raise Refused(f"the model has {estimator.n_features_in_} features, and the sample {len(rows.columns)} columns")
    if not categories:
        return estimator
    parts: list[tuple[str, Any, list[Any]]] = []
    for place, name in enumerate(rows.columns):
        if place in categories:
            parts.append((f"{place}", _encoder(categories[place], rows[name]), [name]))
        elif parts and parts[-1][1] == "passthrough":
            parts[-1][2].append(name)
        else:
            parts.append((f"{place}", "passthrough", [name]))
    encoder = ColumnTransformer(parts).fit(rows)
    model: Pipeline = make_pipeline(encoder, estimator)
    return model


def lightgbm_categories(data: bytes, rows: pd.DataFrame) -> dict[int, list[Any]]:
    """Return the categories of the columns that were pandas' categories, which are those of the sample that are text.

    Raises:
        Refused: the sample has another number of them.
    """
    lists = pandas_categories(data) or []
    texts = [place for place, name in enumerate(rows.columns) if rows[name].dtype.kind not in "iufb"]
    if len(lists) != len(texts):
        raise Refused(f"the model has {len(lists)} columns of categories, and the sample {len(texts)} that are text")
    return dict(zip(texts, lists, strict=True))


def xgboost_categories(estimator: Any) -> dict[int, list[Any]]:
    """Return the categories that a file since 3.1 holds."""
    with reading("XGBoost"):
        booster = estimator.get_booster()
        found = booster.get_categories(export_to_arrow=True).to_arrow() if hasattr(booster, "get_categories") else None
        return {place: list(values.to_pylist()) for place, (_, values) in enumerate(found or ()) if values is not None}


def catboost_categories(estimator: Any, rows: pd.DataFrame) -> dict[int, list[Any]]:
    """Return the values of the sample whose texts are the categories."""
    return {column: sorted(rows.iloc[:, column].unique().tolist(), key=str) for column in estimator.native_file.texts}


def _encoder(known: Sequence[Any], column: pd.Series) -> OrdinalEncoder:
    """Make codes of the categories; if the sample lacks some values, missing is one more, whose code is missing."""
    dtype: Any = column.dtype if column.dtype.kind in "iu" else np.dtype(object)
    values: Any = np.array([*known, *([np.nan] if column.isna().any() else [])], dtype=dtype)
    return OrdinalEncoder(categories=[values], handle_unknown="use_encoded_value", unknown_value=np.nan)


def _is_catboost(data: bytes) -> bool:
    with reading("XGBoost or CatBoost"):
        return "model_info" in json.loads(data)
