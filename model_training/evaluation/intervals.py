"""Compute confidence intervals by the bootstrap: resample the rows with replacement, and recompute the metrics.

Percentile intervals: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

from collections import defaultdict

import numpy as np

from model_training.evaluation.metrics import metrics_of, weighted_metrics
from model_training.evaluation.predictions import Array, Predictions

RESAMPLES = 200
PERCENTILES = (2.5, 97.5)
DECIMALS = 3
"""Decimals of the probabilities of a binary task: with 3, at most 4,004 distinct rows are left to weigh."""
AT_ONCE = 2_000_000
"""The most row weights in memory at a time, over all resamples."""


def intervals(predictions: Predictions, seed: int) -> dict[str, tuple[float, float]]:
    """Return the 95 % confidence interval of each metric, as (low, high)."""
    kinds, counts = _kinds(predictions)
    center = weighted_metrics(kinds, counts[None, :])
    chance = np.random.default_rng(seed)
    size = max(1, AT_ONCE // len(counts))
    found = defaultdict(list)
    for start in range(0, RESAMPLES, size):
        drawn = chance.multinomial(int(counts.sum()), counts / counts.sum(), min(size, RESAMPLES - start))
        for name, values in weighted_metrics(kinds, drawn.astype(float)).items():
            found[name].extend(values[np.isfinite(values)].tolist())
    return {
        name: _bounds(np.array(found[name]) - center[name] + exact, exact)
        for name, exact in metrics_of(predictions).items()
        if found[name]
    }


def _bounds(resampled: Array, exact: float) -> tuple[float, float]:
    low, high = np.percentile(resampled, PERCENTILES)
    return min(float(low), exact), max(float(high), exact)


def _kinds(predictions: Predictions) -> tuple[Predictions, Array]:
    """Return distinct rows with their counts, so that a resample draws counts instead of rows; binary tasks only."""
    if predictions.scores is None:
        return predictions, np.ones(len(predictions.truth))
    columns = np.column_stack([predictions.truth, predictions.predicted, predictions.scores.round(DECIMALS)])
    kinds, counts = np.unique(columns, axis=0, return_counts=True)
    truth, predicted = kinds[:, 0].astype(np.int64), kinds[:, 1].astype(np.int64)
    probabilities = np.column_stack([1 - kinds[:, 2], kinds[:, 2]])
    return Predictions(predictions.task, predictions.classes, truth, predicted, probabilities), counts.astype(float)
