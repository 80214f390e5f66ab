"""How good a model is on parts of the rows: each category of each feature, each fifth of its numbers."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
import pandas as pd

from model_training.evaluation.metrics import PRINCIPAL, metrics_of
from model_training.evaluation.predictions import Array, Predictions

LEAST_ROWS = 50
LEAST_OF_A_CLASS = 10
"""Fewer tell nothing: of the rows, and of either class of two."""
MOST_CATEGORIES = 30
"""Of one feature: the most frequent."""
PARTS = 5


class Slice(msgspec.Struct, frozen=True):
    """The rows in which a feature has a value, and the model's quality on them."""

    feature: str
    value: str
    rows: int
    quality: float
    """The metric `Slices.metric`."""
    actual: float | None = None
    """The share of the second of two classes, or the mean; None for more classes."""
    predicted: float | None = None
    """Its mean probability, or the mean prediction."""


class Slices(msgspec.Struct, frozen=True):
    """The slices, worst first."""

    metric: str
    slices: tuple[Slice, ...]
    left_out: int
    """How many have too few rows, or rows of one class alone."""


def slices_of(predictions: Predictions, X: pd.DataFrame) -> Slices:
    """Evaluate every slice of a table of the predicted rows."""
    metric, more_is_worse = _metric(predictions)
    found, left_out = [], 0
    for feature, value, mask in _masks(X):
        part = predictions.rows(mask)
        quality = metrics_of(part).get(metric) if _tells(part) else None
        if quality is None:
            left_out += 1
        else:
            found.append(Slice(feature, value, len(part.truth), quality, *_means(part)))
    sign = -1 if more_is_worse else 1
    found.sort(key=lambda part: (sign * part.quality, part.feature, part.value))
    return Slices(metric, tuple(found), left_out)


def _tells(part: Predictions) -> bool:
    of_a_class = np.bincount(part.truth[part.truth >= 0], minlength=2).min() if part.task == "binary" else np.inf
    return len(part.truth) >= LEAST_ROWS and bool(of_a_class >= LEAST_OF_A_CLASS)


def _metric(predictions: Predictions) -> tuple[str, bool]:
    """Choose what can be compared across slices: a part's own variance would decide its R2."""
    if predictions.task == "regression":
        return "mean_absolute_error", True
    return "accuracy" if predictions.scores is None else PRINCIPAL["binary"], False


def _masks(X: pd.DataFrame) -> Iterator[tuple[str, str, Array]]:
    for name in X.columns:
        column = X[name]
        numbers = column.dtype.kind == "f" or (column.dtype.kind in "iu" and column.nunique() > MOST_CATEGORIES)
        yield from ((name, label, mask) for label, mask in (_parts(column) if numbers else _categories(column)))
        if column.isna().any():
            yield name, "missing", column.isna().to_numpy()


def _categories(column: pd.Series) -> Iterator[tuple[str, Array]]:
    codes, values = pd.factorize(column)
    for code in np.argsort(-np.bincount(codes[codes >= 0]), kind="stable")[:MOST_CATEGORIES]:
        yield str(values[code]), codes == code


def _parts(column: pd.Series) -> Iterator[tuple[str, Array]]:
    """Yield fifths of a column's numbers, each from a bound up to the next."""
    bounds = np.unique(np.nanquantile(column, np.linspace(0, 1, PARTS + 1)))
    for i, (low, high) in enumerate(pairwise(bounds)):
        last = i == len(bounds) - 2
        mask = (column >= low) & ((column <= high) if last else (column < high))
        yield f"{low:g} to {high:g}" if last else f"{low:g} to under {high:g}", mask.to_numpy()


def _means(part: Predictions) -> tuple[float | None, float | None]:
    if part.task == "regression":
        return float(part.truth.mean()), float(part.answers.mean())
    if part.scores is None:
        return None, None
    return float(part.truth.mean()), float(part.scores.mean())
