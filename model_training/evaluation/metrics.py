"""The metrics of each task, of many weightings of the same rows at once.

scikit-learn has each of them, and the tests compare; but there a resample takes 20 ms, most of it checks,
and a bootstrap has hundreds.
"""

import numpy as np

from function.model.manifest import Task
from model_training.evaluation.predictions import Array, Predictions

PRINCIPAL: dict[Task, str] = {"binary": "roc_auc", "multiclass": "macro_roc_auc", "regression": "r2"}
"""The metric of each task by which two models are compared; more is better."""


def metrics_of(predictions: Predictions) -> dict[str, float]:
    """Return the metrics of a model's answers; those that need probabilities only where it has them.

    JSON knows no NaN: a metric that the rows do not define is left out.
    """
    found = weighted_metrics(predictions, np.ones((1, len(predictions.truth))))
    return {name: float(value[0]) for name, value in found.items() if np.isfinite(value[0])}


def weighted_metrics(predictions: Predictions, weights: Array) -> dict[str, Array]:
    """Return each metric, of shape [m], for m weightings of n rows, [m, n]; NaN where they do not define it."""
    if predictions.task == "regression":
        return _of_values(predictions, weights)
    known = predictions.truth >= 0
    result = _of_labels(predictions, weights)
    if predictions.probabilities is not None and known.any():
        result |= _of_probabilities(predictions.rows(known), predictions.probabilities[known], weights[:, known])
    return result


def confusion(predictions: Predictions, weights: Array) -> Array:
    """Weigh rows by true class and answer, [m, classes, classes]; none of a class that the model does not know."""
    classes = len(predictions.classes)
    known = (predictions.truth >= 0) & (predictions.answers >= 0)
    places = (predictions.truth * classes + predictions.answers)[known]
    counts = [np.bincount(places, row, minlength=classes * classes) for row in weights[:, known]]
    return np.array(counts).reshape(-1, classes, classes)


def _of_values(predictions: Predictions, weights: Array) -> dict[str, Array]:
    rows, error = weights.sum(axis=1), predictions.truth - predictions.answers
    mean = weights @ predictions.truth / rows
    # Around any fixed center: squares of large numbers would leave no digits for their difference.
    center = predictions.truth.mean()
    spread = weights @ (predictions.truth - center) ** 2 - rows * (mean - center) ** 2
    squared = weights @ error**2
    return {
        "r2": 1 - _share(squared, spread, of_nothing=np.nan),
        "mean_absolute_error": weights @ abs(error) / rows,
        "root_mean_squared_error": np.sqrt(squared / rows),
    }


def _of_labels(predictions: Predictions, weights: Array) -> dict[str, Array]:
    counts = confusion(predictions, weights)
    right, true, answered = counts.diagonal(axis1=1, axis2=2), counts.sum(axis=2), counts.sum(axis=1)
    f1 = _share(2 * right, true + answered)
    present = (true + answered > 0).sum(axis=1)
    result = {"accuracy": right.sum(axis=1) / weights.sum(axis=1), "macro_f1": f1.sum(axis=1) / present}
    if predictions.task == "binary":
        precision, recall = _share(right, answered), _share(right, true)
        result |= {"precision": precision[:, 1], "recall": recall[:, 1], "f1": f1[:, 1]}
    return result


def _of_probabilities(predictions: Predictions, probabilities: Array, weights: Array) -> dict[str, Array]:
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
    """Return the share of pairs of a positive and a negative row that the score puts in order; equal ones by half."""
    positive, negative = _by_score(truth, score, weights)
    below = negative.cumsum(axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return _share((positive * below).sum(axis=1), pairs, of_nothing=np.nan)


def average_precision(truth: Array, score: Array, weights: Array) -> Array:
    """Return the mean of the precision at each score, weighted by the recall that it adds."""
    positive, negative = (side[:, ::-1] for side in _by_score(truth, score, weights))
    precision = _share(positive.cumsum(axis=1), (positive + negative).cumsum(axis=1))
    return _share((positive * precision).sum(axis=1), positive.sum(axis=1), of_nothing=np.nan)


def _by_score(truth: Array, score: Array, weights: Array) -> tuple[Array, Array]:
    """Sum the weights of positive and negative rows at each score, ascending, [m, scores]."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    every = weights[:, order]
    positive = every * truth[order]
    return np.add.reduceat(positive, starts, axis=1), np.add.reduceat(every - positive, starts, axis=1)


def _share(part: Array, whole: Array, of_nothing: float = 0.0) -> Array:
    shares: Array = np.divide(part, whole, out=np.full(whole.shape, of_nothing), where=whole > 0)
    return shares
