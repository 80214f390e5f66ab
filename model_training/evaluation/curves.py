"""Compute the curves of an evaluation: ROC, precision-recall, calibration, predicted against actual."""

from collections.abc import Iterator

import msgspec
import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

from model_training.evaluation.predictions import Array, Predictions

POINTS = 200
BINS = 10
MAX_CURVES = 6
"""The most curves in one chart: one for each of the most frequent classes."""
SCATTERED = 400
"""The number of rows in the chart of predicted against actual values."""


class Curve(msgspec.Struct, frozen=True):
    """A named curve as points, in order."""

    name: str
    x: list[float]
    y: list[float]


Curves = tuple[Curve, ...]


def curves_of(predictions: Predictions, seed: int) -> dict[str, Curves]:
    """Return the curves of a classifier (ROC, precision-recall, calibration) or regression (calibration, scatter)."""
    if predictions.task == "regression":
        return {"calibration": (_means(predictions),), "predicted": (_scatter(predictions, seed),)}
    if predictions.probabilities is None:
        return {}
    sides = list(_one_against_rest(predictions, predictions.probabilities))
    return {
        "roc": tuple(_roc(*side) for side in sides),
        "precision_recall": tuple(_precision_recall(*side) for side in sides),
        "calibration": tuple(_calibration(*side) for side in sides),
    }


def _one_against_rest(predictions: Predictions, probabilities: Array) -> Iterator[tuple[str, Array, Array]]:
    """Yield each class's name, its mask of rows and its probabilities; only the second class of a binary task."""
    counts = np.bincount(predictions.truth[predictions.truth >= 0], minlength=len(predictions.classes))
    chosen = [1] if predictions.task == "binary" else np.sort(np.argsort(-counts, kind="stable")[:MAX_CURVES])
    for number in chosen:
        in_class = predictions.truth == number
        if in_class.any() and not in_class.all():
            yield str(predictions.classes[number]), in_class, probabilities[:, number]


def _roc(name: str, truth: Array, score: Array) -> Curve:
    false_positive, true_positive, _ = metrics.roc_curve(truth, score)
    return _thinned(name, false_positive, true_positive)


def _precision_recall(name: str, truth: Array, score: Array) -> Curve:
    precision, recall, _ = metrics.precision_recall_curve(truth, score, drop_intermediate=True)
    # scikit-learn appends a last point for no rows at all, by convention: leave it out.
    return _thinned(name, recall[-2::-1], precision[-2::-1])


def _calibration(name: str, truth: Array, score: Array) -> Curve:
    observed, predicted = calibration_curve(truth, np.clip(score, 0, 1), n_bins=BINS, strategy="quantile")
    return Curve(name, _rounded(predicted), _rounded(observed))


def _means(predictions: Predictions) -> Curve:
    """Return the mean prediction and the mean actual value of each tenth of the rows, ordered by prediction."""
    parts = np.array_split(np.argsort(predictions.predicted, kind="stable"), min(BINS, len(predictions.predicted)))
    means = [(predictions.predicted[part].mean(), predictions.truth[part].mean()) for part in parts]
    return Curve("mean of a tenth of the rows", *map(_rounded, np.array(means).T))


def _scatter(predictions: Predictions, seed: int) -> Curve:
    rows = len(predictions.truth)
    chosen = np.random.default_rng(seed).choice(rows, min(SCATTERED, rows), replace=False)
    return Curve("rows", _rounded(predictions.predicted[chosen]), _rounded(predictions.truth[chosen]))


def _thinned(name: str, x: Array, y: Array) -> Curve:
    """Keep at most POINTS points of a curve, at even distances along it."""
    steps = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0])).cumsum()
    kept = np.unique(np.searchsorted(steps, np.linspace(0, steps[-1], POINTS)).clip(max=len(x) - 1))
    return Curve(name, _rounded(x[kept]), _rounded(y[kept]))


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.5g}") for value in values.tolist()]
