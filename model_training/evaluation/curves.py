"""The curves of an evaluation, as points."""

from collections.abc import Iterator

import msgspec
import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

from model_training.evaluation.predictions import Array, Predictions

POINTS = 200
BINS = 10
MOST_CURVES = 6
"""One each class of many: the most frequent."""
SCATTERED = 400


class Curve(msgspec.Struct, frozen=True):
    """Points, in order."""

    name: str
    x: list[float]
    y: list[float]


Curves = tuple[Curve, ...]


def curves_of(predictions: Predictions, seed: int) -> dict[str, Curves]:
    """Return what the task has: ROC, precision-recall and calibration, or calibration and predicted against actual."""
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
    """Yield for each class its name, whether a row is of it, and its probability; of two classes the second alone."""
    counts = np.bincount(predictions.truth[predictions.truth >= 0], minlength=len(predictions.classes))
    chosen = [1] if predictions.task == "binary" else np.sort(np.argsort(-counts, kind="stable")[:MOST_CURVES])
    for number in chosen:
        is_it = predictions.truth == number
        if is_it.any() and not is_it.all():
            yield str(predictions.classes[number]), is_it, probabilities[:, number]


def _roc(name: str, truth: Array, score: Array) -> Curve:
    false_positive, true_positive, _ = metrics.roc_curve(truth, score)
    return _thinned(name, false_positive, true_positive)


def _precision_recall(name: str, truth: Array, score: Array) -> Curve:
    precision, recall, _ = metrics.precision_recall_curve(truth, score, drop_intermediate=True)
    # The last point, of no row at all, is by convention.
    return _thinned(name, recall[-2::-1], precision[-2::-1])


def _calibration(name: str, truth: Array, score: Array) -> Curve:
    observed, predicted = calibration_curve(truth, np.clip(score, 0, 1), n_bins=BINS, strategy="quantile")
    return Curve(name, _rounded(predicted), _rounded(observed))


def _means(predictions: Predictions) -> Curve:
    """Return what a tenth of the rows has in fact, against what was predicted for it."""
    parts = np.array_split(np.argsort(predictions.answers, kind="stable"), min(BINS, len(predictions.answers)))
    means = [(predictions.answers[part].mean(), predictions.truth[part].mean()) for part in parts]
    return Curve("mean of a tenth of the rows", *map(_rounded, np.array(means).T))


def _scatter(predictions: Predictions, seed: int) -> Curve:
    rows = len(predictions.truth)
    chosen = np.random.default_rng(seed).choice(rows, min(SCATTERED, rows), replace=False)
    return Curve("rows", _rounded(predictions.answers[chosen]), _rounded(predictions.truth[chosen]))


def _thinned(name: str, x: Array, y: Array) -> Curve:
    """Keep points at even distances along the curve; the eye sees no more."""
    steps = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0])).cumsum()
    kept = np.unique(np.searchsorted(steps, np.linspace(0, steps[-1], POINTS)).clip(max=len(x) - 1))
    return Curve(name, _rounded(x[kept]), _rounded(y[kept]))


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.5g}") for value in values.tolist()]
