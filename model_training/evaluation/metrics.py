"""Compute the metrics of each task for many weightings of the same rows at once.

scikit-learn has the same metrics, and the tests compare with it. But its functions take 20 ms per resample, mostly
for input checks, and a bootstrap needs hundreds of resamples.
"""

import numpy as np

from model_training.evaluation.predictions import Array, Predictions

PRINCIPAL: dict[str, str] = {"binary": "roc_auc", "multiclass": "macro_roc_auc", "regression": "r2"}
"""The metric of each task that compares two models; higher is better."""


def metrics_of(predictions: Predictions) -> dict[str, float]:
    """Return the metrics of a model's predictions; some need a model with probabilities.

    A metric that is undefined for these rows is left out, because JSON has no NaN.
    """
    found = weighted_metrics(predictions, np.ones((1, len(predictions.truth))))
    return {name: float(value[0]) for name, value in found.items() if np.isfinite(value[0])}


def weighted_metrics(predictions: Predictions, weights: Array) -> dict[str, Array]:
    """Return each metric, of shape [m], for m weightings of n rows, of shape [m, n]; NaN where it is undefined."""
    if predictions.task == "regression":
        return _regression_metrics(predictions, weights)
    known = predictions.truth >= 0
    result = _label_metrics(predictions, weights)
    if predictions.probabilities is not None and known.any():
        result |= _probability_metrics(predictions.rows(known), predictions.probabilities[known], weights[:, known])
    return result


def confusion(predictions: Predictions, weights: Array) -> Array:
    """Return weighted confusion matrices, of shape [m, classes, classes]; rows of unknown classes don't count."""
    classes = len(predictions.classes)
    known = (predictions.truth >= 0) & (predictions.predicted >= 0)
    places = (predictions.truth * classes + predictions.predicted)[known]
    counts = [np.bincount(places, row, minlength=classes * classes) for row in weights[:, known]]
    return np.array(counts).reshape(-1, classes, classes)


def _regression_metrics(predictions: Predictions, weights: Array) -> dict[str, Array]:
    rows, error = weights.sum(axis=1), predictions.truth - predictions.predicted
    mean = weights @ predictions.truth / rows
    # Subtract a fixed center first: the difference of squares of large numbers would lose all digits.
    center = predictions.truth.mean()
    spread = weights @ (predictions.truth - center) ** 2 - rows * (mean - center) ** 2
    squared = weights @ error**2
    return {
        "r2": 1 - _ratio(squared, spread, of_nothing=np.nan),
        "mean_absolute_error": weights @ abs(error) / rows,
        "root_mean_squared_error": np.sqrt(squared / rows),
    }


def _label_metrics(predictions: Predictions, weights: Array) -> dict[str, Array]:
    counts = confusion(predictions, weights)
    correct, actual, predicted = counts.diagonal(axis1=1, axis2=2), counts.sum(axis=2), counts.sum(axis=1)
    f1 = _ratio(2 * correct, actual + predicted)
    present = (actual + predicted > 0).sum(axis=1)
    result = {"accuracy": correct.sum(axis=1) / weights.sum(axis=1), "macro_f1": f1.sum(axis=1) / present}
    if predictions.task == "binary":
        precision, recall = _ratio(correct, predicted), _ratio(correct, actual)
        result |= {"precision": precision[:, 1], "recall": recall[:, 1], "f1": f1[:, 1]}
    return result


def _probability_metrics(predictions: Predictions, probabilities: Array, weights: Array) -> dict[str, Array]:
    truth, rows = predictions.truth, weights.sum(axis=1)
    certainty = np.take_along_axis(probabilities, truth[:, None], axis=1)[:, 0]
    loss = {"log_loss": weights @ -np.log(certainty.clip(np.finfo(certainty.dtype).eps)) / rows}
    if predictions.task == "multiclass":
        each = [
            roc_auc(truth == number, probabilities[:, number], weights) for number in range(len(predictions.classes))
        ]
        return loss | {"macro_roc_auc": np.mean(each, axis=0)}
    score = probabilities[:, 1]
    return loss | {
        "roc_auc": roc_auc(truth == 1, score, weights),
        "average_precision": average_precision(truth == 1, score, weights),
        "brier_score": weights @ (truth - score) ** 2 / rows,
        "positive_share": weights @ truth / rows,
    }


def roc_auc(truth: Array, score: Array, weights: Array) -> Array:
    """Return the share of pairs of a positive and a negative row that the score ranks correctly; ties count half."""
    positive, negative = _by_score(truth, score, weights)
    below = negative.cumsum(axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return _ratio((positive * below).sum(axis=1), pairs, of_nothing=np.nan)


def average_precision(truth: Array, score: Array, weights: Array) -> Array:
    """Return the mean of the precisions at each score, weighted by the increase in recall."""
    positive, negative = (side[:, ::-1] for side in _by_score(truth, score, weights))
    precision = _ratio(positive.cumsum(axis=1), (positive + negative).cumsum(axis=1))
    return _ratio((positive * precision).sum(axis=1), positive.sum(axis=1), of_nothing=np.nan)


def _by_score(truth: Array, score: Array, weights: Array) -> tuple[Array, Array]:
    """Return the summed weights of positive and negative rows at each score, ascending, of shape [m, scores]."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    every = weights[:, order]
    positive = every * truth[order]
    return np.add.reduceat(positive, starts, axis=1), np.add.reduceat(every - positive, starts, axis=1)


def _ratio(part: Array, whole: Array, of_nothing: float = 0.0) -> Array:
    ratios: Array = np.divide(part, whole, out=np.full(whole.shape, of_nothing), where=whole > 0)
    return ratios
