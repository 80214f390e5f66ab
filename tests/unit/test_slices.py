"""Slices of the rows by date."""

from typing import Any

import numpy as np
import pandas as pd

from model_training.evaluation.predictions import Predictions
from model_training.evaluation.slices import slices_of


def predictions(errors: Any) -> Predictions:
    """Make the predictions of a regression with these errors."""
    return Predictions("regression", (), np.zeros(len(errors)), errors)


def test_dates_are_cut_into_periods() -> None:
    """Each row is in one, or is missing; the worst period comes first."""
    days = pd.Series(pd.date_range("2024-01-01", periods=500, freq="12h").astype("datetime64[s]"))
    days[::10] = pd.NaT
    errors = np.where(days >= "2024-07-19", 2.0, 1.0)
    found = slices_of(predictions(errors), pd.DataFrame({"when": days})).slices
    assert [(each.value, each.rows, each.quality) for each in found] == [
        ("2024-07-19 to 2024-09-06", 90, 2),
        ("2024-01-01 to 2024-02-19", 90, 1),
        ("2024-02-20 to 2024-04-09", 90, 1),
        ("2024-04-10 to 2024-05-29", 90, 1),
        ("2024-05-30 to 2024-07-18", 90, 1),
        ("missing", 50, 1),
    ]


def test_a_single_day_is_one_period() -> None:
    """And none is made of nothing."""
    day = pd.Series(np.array(["2024-05-31"] * 60, "datetime64[s]"))
    (found,) = slices_of(predictions(np.ones(60)), pd.DataFrame({"when": day})).slices
    assert found.value == "2024-05-31 to 2024-05-31"
    nothing = pd.Series(np.array(["NaT"] * 60, "datetime64[s]"))
    (missing,) = slices_of(predictions(np.ones(60)), pd.DataFrame({"when": nothing})).slices
    assert missing.value == "missing"
