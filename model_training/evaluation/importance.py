"""Measure how much a model depends on each feature: by how much a metric gets worse when its values are shuffled.

Permutation importance, https://scikit-learn.org/stable/modules/permutation_importance.html. scikit-learn's own function
works with scorers of its own; this one has the metrics of the report, and the same threshold and rows.
"""

from typing import Any

import msgspec
import numpy as np
import pandas as pd

from model_training.evaluation.metrics import PRINCIPAL, metrics_of
from model_training.evaluation.predictions import Predictions, predict_rows

MAX_ROWS = 1000
"""The rows that are shuffled are a random sample of this many."""
REPEATS = 5
MAX_SHUFFLES = 100
"""With many features there are fewer repeats."""
MAX_FEATURES = 200


class FeatureImportance(msgspec.Struct, frozen=True):
    """By how much the metric gets worse without a feature: the mean of the repeats, the least and the most."""

    feature: str
    mean: float
    low: float
    high: float


class Importance(msgspec.Struct, frozen=True):
    """The importance of each feature, the largest first."""

    metric: str
    """The metric that gets worse; higher is better."""
    rows: int
    repeats: int
    features: tuple[FeatureImportance, ...]
    left_out: int = 0
    """The number of features that were not measured, because the model has so many."""


def importance_of(model: Any, X: pd.DataFrame, y: pd.Series, *, threshold: float | None, seed: int) -> Importance:
    """Shuffle each feature on some rows of X, [n, features], and measure the metric of the predictions.

    The metric is the principal one of the task, or the accuracy if the model has no probabilities.
    """
    names = X.columns[:MAX_FEATURES]
    repeats, rows = max(1, min(REPEATS, MAX_SHUFFLES // len(names))), min(len(X), MAX_ROWS)
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(X), rows, replace=False)
    some, truth = X.iloc[chosen].reset_index(drop=True), y.iloc[chosen].reset_index(drop=True)
    metric, value = _principal(predict_rows(model, some, truth).at(threshold))
    if not metric:
        return Importance("", rows, 0, (), len(X.columns))

    def loss(name: str) -> float:
        shuffled = some.copy()
        shuffled[name] = some[name].take(generator.permutation(rows)).array
        return value - metrics_of(predict_rows(model, shuffled, truth).at(threshold))[metric]

    losses = {str(name): [loss(name) for _ in range(repeats)] for name in names}
    found = [FeatureImportance(name, float(np.mean(each)), min(each), max(each)) for name, each in losses.items()]
    found.sort(key=lambda each: (-each.mean, each.feature))
    return Importance(metric, rows, repeats, tuple(found), len(X.columns) - len(names))


def _principal(predictions: Predictions) -> tuple[str, float]:
    """Return the name and value of the metric to measure; no name if none is defined, as for rows of one class."""
    metrics = metrics_of(predictions)
    name = next((name for name in (PRINCIPAL[predictions.task], "accuracy") if name in metrics), "")
    return name, metrics.get(name, 0.0)
