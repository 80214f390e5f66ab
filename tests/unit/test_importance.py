"""How much a model depends on each feature."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline

from function.model.date_parts import DateParts
from model_training.evaluation.importance import (
    MAX_FEATURES,
    MAX_ROWS,
    MAX_SHUFFLES,
    REPEATS,
    Importance,
    importance_of,
)

ROWS = 1500


def table(seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Make a target that depends much on one feature, less on another and not on the last."""
    chance = np.random.default_rng(seed)
    X = pd.DataFrame(chance.normal(size=(ROWS, 3)), columns=["much", "less", "not"])
    return X, 3 * X["much"] + X["less"] + chance.normal(0, 0.1, ROWS)


def measured(
    model: Any, X: pd.DataFrame, y: pd.Series, threshold: float | None = None
) -> tuple[Importance, dict[str, float]]:
    """Measure a fitted model; return the means by name, too."""
    found = importance_of(model, X, y, threshold=threshold, seed=0)
    return found, {each.feature: each.mean for each in found.features}


@pytest.mark.parametrize(
    ("model", "metric", "scorer"),
    [
        (LinearRegression(), "r2", "r2"),
        (LogisticRegression(), "roc_auc", "roc_auc"),
        (RidgeClassifier(), "accuracy", "accuracy"),
    ],
)
def test_the_metric_gets_worse_as_scikit_learn_says(model: Any, metric: str, scorer: str) -> None:
    """By the principal metric, or the accuracy of a model without probabilities."""
    X, y = table()
    y = y if metric == "r2" else pd.Series(np.where(y > 0, "late", "early"))
    found, means = measured(model.fit(X, y), X, y)
    expected = permutation_importance(model, X, y, scoring=scorer, n_repeats=20, random_state=1).importances_mean
    assert (found.metric, found.rows, found.repeats, found.left_out) == (metric, MAX_ROWS, REPEATS, 0)
    assert [each.feature for each in found.features] == ["much", "less", "not"]
    assert np.abs(np.array(list(means.values())) - expected).max() < 0.05
    assert all(each.low <= each.mean <= each.high for each in found.features)


def test_a_feature_that_is_not_used_has_none() -> None:
    """Exactly."""
    X, y = table()
    model = LinearRegression().fit(X, y)
    model.coef_[2] = 0
    assert measured(model, X, y)[1]["not"] == 0


def test_more_classes_have_the_macro_metric() -> None:
    """Their AUC."""
    X, y = table()
    three = pd.Series(np.digitize(y, [-1, 1]))
    found, means = measured(LogisticRegression().fit(X, three), X, three)
    assert found.metric == "macro_roc_auc"
    assert means["much"] > means["less"] > means["not"]


def test_dates_and_text_are_shuffled_too() -> None:
    """With their own type."""
    days = pd.Series(pd.date_range("2024-01-01", periods=ROWS, freq="h").astype("datetime64[s]"))
    X = pd.DataFrame({"when": days})
    y = days.dt.hour.astype(float)
    _, means = measured(make_pipeline(DateParts(), LinearRegression()).fit(X, y), X, y)
    assert means["when"] > 1.5


def test_the_cost_is_bounded() -> None:
    """Few rows, repeats and features, whatever the table; what is left out is counted."""
    wide = pd.DataFrame(np.zeros((30, MAX_FEATURES + 5)), columns=[f"x{i}" for i in range(MAX_FEATURES + 5)])
    y = pd.Series([0, 1] * 15)
    found = importance_of(DummyClassifier().fit(wide, y), wide, y, threshold=0.5, seed=0)
    assert (found.rows, found.repeats, len(found.features), found.left_out) == (30, 1, MAX_FEATURES, 5)
    half = wide.iloc[:, : MAX_SHUFFLES // 3]
    assert importance_of(DummyClassifier().fit(half, y), half, y, threshold=None, seed=0).repeats == 3


def test_the_same_seed_measures_the_same() -> None:
    """So that reports are the same to the byte."""
    X, y = table()
    model = LinearRegression().fit(X, y)
    assert measured(model, X, y) == measured(model, X, y)
