"""What a fitted model accepts, found out by asking it: missing numbers, and the largest one."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from function.model.engines.inputs import input_of
from model_training.bundling.exact.refused import UNSUPPORTED_ERRORS

LARGEST_SINGLE = float(np.finfo(np.float32).max)


def accepts_missing_numbers(model: Any, X: pd.DataFrame, kinds: Sequence[str]) -> list[bool]:
    """Tell for each column of numbers whether the model predicts a row that lacks it."""
    row = X.iloc[[0]]
    return [kind != "O" and _accepts(model, as_fitted(model, _lacking(row, place))) for place, kind in enumerate(kinds)]


def accepts_missing_vectors(estimator: Any) -> bool:
    """Tell whether an estimator predicts an encoded vector that lacks numbers."""
    width = estimator.n_features_in_
    return _accepts(estimator, np.full((1, width), np.nan))


def largest_number(estimator: Any) -> float | None:
    """Return the largest number that an estimator accepts; None where that is any."""
    width = estimator.n_features_in_
    return None if _accepts(estimator, np.full((1, width), 1e39)) else LARGEST_SINGLE


def _lacking(row: pd.DataFrame, place: int) -> pd.DataFrame:
    found = row.copy()
    dates = found.dtypes.iloc[place].kind == "M"
    found.isetitem(place, np.array(["NaT"], "datetime64[s]") if dates else np.array([np.nan]))
    return found


def as_fitted(model: Any, rows: pd.DataFrame) -> Any:
    """Return rows in the form that a model was fitted on: with names, as an array, or as texts."""
    return input_of(model, rows)


def _accepts(model: Any, rows: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.predict(rows)
        except UNSUPPORTED_ERRORS:
            return False
    return True
