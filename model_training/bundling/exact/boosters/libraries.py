"""Load native files with the library that wrote them."""

import importlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from model_training.bundling.exact.boosters.opened import (
    CatBoostClassifierFile,
    CatBoostRegressorFile,
    LightGBMClassifierFile,
    LightGBMRegressorFile,
    XGBoostClassifierFile,
)
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.native_file import NativeFile


def open_xgboost(file: NativeFile) -> Any:
    """Load a file of XGBoost as the class for scikit-learn that suits its objective; rankers are regressions.

    Raises:
        Refused: it is not supported, or is malformed.
    """
    classes = file.read().classes
    xgboost = imported("xgboost")
    kind = xgboost.XGBRegressor if classes is None else xgboost.XGBClassifier
    estimator = kind(missing=file.missing, n_jobs=1, enable_categorical=True)
    booster = xgboost.Booster(model_file=bytearray(file.data))
    # The class that saved the file may be another one, such as a ranker.
    booster.set_attr(scikit_learn=None)
    estimator.load_model(booster.save_raw("ubj"))
    return estimator if file.classes is None else XGBoostClassifierFile(estimator, file)


def open_lightgbm(file: NativeFile) -> Any:
    """Load a text of LightGBM.

    Raises:
        Refused: it is not supported, or is malformed.
    """
    classes = file.read().classes
    imported("lightgbm")
    return LightGBMRegressorFile(file) if classes is None else LightGBMClassifierFile(file)


def open_catboost(
    data: bytes,
    sample: Any = None,
    format: str = "json",  # noqa: A002 (CatBoost's name)
    classes: tuple[Any, ...] | None = None,
) -> Any:
    """Load a model of CatBoost.

    Args:
        data: its file.
        sample: a table of rows with the texts of categories; needed where there are categories.
        format: of the file, json or cbm.
        classes: the labels of a model to which classes are 0, 1, 2 ...; by default those of the file.

    Raises:
        Refused: it is not supported, or is malformed.
    """
    catboost = imported("catboost")
    model = loaded(catboost.CatBoost(), data, format)
    columns = model.get_cat_feature_indices()
    if columns and sample is None:
        raise Refused("categories of CatBoost behind other steps")
    rows = in_order(model.feature_names_, sample) if columns else sample
    pool = pool_of(rows, columns) if columns else None
    texts = {column: sorted({str(text) for text in np.asarray(rows, dtype=object)[:, column]}) for column in columns}
    # Written anew even if it is JSON: CatBoost reads the last digits of numbers there in its own way.
    file = NativeFile("catboost", saved(model, pool), texts=texts)
    kind, own = CatBoostRegressorFile, file.read().classes
    if classes is not None:
        if own is not None and own != tuple(range(len(own))):
            raise Refused(f"the file has labels already: {', '.join(map(str, own))}")
        file = replace(file, classes=classes)
        own = file.read().classes
    # The classes for scikit-learn predict as they are used: labels, or exponents for Poisson and Tweedie.
    if own is not None:
        kind = CatBoostClassifierFile
        model = loaded(catboost.CatBoostClassifier(), data, format)
    elif file.read().link.kind == "exp":
        model = loaded(catboost.CatBoostRegressor(), data, format)
    return kind(model, file)


def in_order(names: Any, rows: Any) -> Any:
    """Return a table with its columns in the order of a model's, if it has those that the model names."""
    return rows[list(names)] if names is not None and set(names) <= set(rows.columns) else rows


def loaded(model: Any, data: bytes, format: str) -> Any:  # noqa: A002 (CatBoost's name)
    """Let CatBoost load a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(data)
        try:
            return model.load_model(str(path), format=format)
        except Exception as error:
            raise Refused(f"CatBoost cannot load the file: {str(error)[:200]}") from error


def pool_of(rows: Any, columns: Sequence[int]) -> Any:
    """Make CatBoost's own table.

    Raises:
        Refused: a category in it is missing or a fraction.
    """
    lacking = [str(rows.columns[column]) for column in columns if rows.iloc[:, column].isna().any()]
    if lacking:
        raise Refused(
            f"the sample lacks values of {', '.join(lacking)}: categories of CatBoost cannot be missing, so write the "
            "text that they had in training"
        )
    try:
        return imported("catboost").Pool(rows, cat_features=columns)
    except Exception as error:
        raise Refused(f"CatBoost cannot read the sample: {str(error)[-200:]}") from error


def saved(model: Any, pool: Any = None, format: str = "json") -> bytes:  # noqa: A002 (CatBoost's name)
    """Write a model of CatBoost, as JSON with the texts of the categories of a pool."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        try:
            model.save_model(str(path), format=format, pool=pool)
        except Exception as error:
            raise Refused(f"CatBoost cannot match the model and the sample: {str(error)[-200:]}") from error
        return path.read_bytes()


def imported(library: str) -> Any:
    """Import a library that only packing its own models needs.

    Raises:
        Refused: it is not installed.
    """
    try:
        return importlib.import_module(library)
    except ImportError as error:
        package = "xgboost-cpu" if library == "xgboost" else library
        raise Refused(f"packing this model compares it with {library} itself: pip install {package}") from error
