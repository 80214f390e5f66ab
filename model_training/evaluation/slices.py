"""Evaluate a model on slices of the rows: each category of a feature, or each fifth of its numbers or dates."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
import pandas as pd

from model_training.evaluation.metrics import PRINCIPAL, metrics_of
from model_training.evaluation.predictions import Array, Predictions

MIN_ROWS = 50
"""The fewest rows of a slice; a metric of fewer is too uncertain."""
MIN_ROWS_PER_CLASS = 10
"""The fewest rows of each class in a slice of a binary task."""
MAX_CATEGORIES = 30
"""The most categories of one feature: the most frequent ones."""
PARTS = 5


class Slice(msgspec.Struct, frozen=True):
    """The rows with one value of a feature, and the metric of the model on them."""

    feature: str
    value: str
    rows: int
    quality: float
    """The value of the metric that `Slices.metric` names."""
    actual: float | None = None
    """The share of the second class of a binary task, or the mean target; None for more classes."""
    predicted: float | None = None
    """The mean probability of the second class, or the mean prediction."""


class Slices(msgspec.Struct, frozen=True):
    """The slices of a table, worst first."""

    metric: str
    slices: tuple[Slice, ...]
    left_out: int
    """The number of slices with too few rows in total or of a class."""


def slices_of(predictions: Predictions, X: pd.DataFrame) -> Slices:
    """Evaluate every slice of the predicted rows, X of shape [n, features]."""
    metric, more_is_worse = _metric(predictions)
    found, left_out = [], 0
    for feature, value, mask in _masks(X):
        part = predictions.rows(mask)
        quality = metrics_of(part).get(metric) if _enough_rows(part) else None
        if quality is None:
            left_out += 1
        else:
            found.append(Slice(feature, value, len(part.truth), quality, *_means(part)))
    sign = -1 if more_is_worse else 1
    found.sort(key=lambda part: (sign * part.quality, part.feature, part.value))
    return Slices(metric, tuple(found), left_out)


def _enough_rows(part: Predictions) -> bool:
    rarest = np.bincount(part.truth[part.truth >= 0], minlength=2).min() if part.task == "binary" else np.inf
    return len(part.truth) >= MIN_ROWS and bool(rarest >= MIN_ROWS_PER_CLASS)


def _metric(predictions: Predictions) -> tuple[str, bool]:
    """Choose a metric that is comparable across slices, which R2 is not: it depends on each slice's variance."""
    if predictions.task == "regression":
        return "mean_absolute_error", True
    return "accuracy" if predictions.scores is None else PRINCIPAL["binary"], False


def _masks(X: pd.DataFrame) -> Iterator[tuple[str, str, Array]]:
    for name in X.columns:
        column = X[name]
        numbers = column.dtype.kind in "fM" or (column.dtype.kind in "iu" and column.nunique() > MAX_CATEGORIES)
        yield from ((name, label, mask) for label, mask in (_parts(column) if numbers else _categories(column)))
        if column.isna().any():
            yield name, "missing", column.isna().to_numpy()


def _categories(column: pd.Series) -> Iterator[tuple[str, Array]]:
    codes, values = pd.factorize(column)
    for code in np.argsort(-np.bincount(codes[codes >= 0]), kind="stable")[:MAX_CATEGORIES]:
        yield str(values[code]), codes == code


def _parts(column: pd.Series) -> Iterator[tuple[str, Array]]:
    """Yield each fifth of a column of numbers or dates, by quantiles, as a label and a mask."""
    if column.dtype.kind == "M":
        yield from _periods(column)
        return
    bounds = np.unique(np.nanquantile(column, np.linspace(0, 1, PARTS + 1)))
    for i, (low, high) in enumerate(pairwise(bounds)):
        last = i == len(bounds) - 2
        mask = (column >= low) & ((column <= high) if last else (column < high))
        yield f"{low:g} to {high:g}" if last else f"{low:g} to under {high:g}", mask.to_numpy()


def _periods(column: pd.Series) -> Iterator[tuple[str, Array]]:
    """Yield each fifth of a column of dates, by whole days."""
    days = column.dt.floor("D")
    bounds = days.dropna().sort_values().drop_duplicates()
    if not len(bounds):
        return
    starts = bounds.iloc[np.unique(np.linspace(0, len(bounds), PARTS + 1).astype(int)[:-1])]
    ends = [*starts.iloc[1:], None]
    for start, end in zip(starts, ends, strict=True):
        mask = (days >= start) & ((days < end) if end is not None else True)
        last = bounds.iloc[-1] if end is None else bounds[bounds < end].iloc[-1]
        yield f"{start:%Y-%m-%d} to {last:%Y-%m-%d}", mask.to_numpy()


def _means(part: Predictions) -> tuple[float | None, float | None]:
    if part.task == "regression":
        return float(part.truth.mean()), float(part.predicted.mean())
    if part.scores is None:
        return None, None
    return float(part.truth.mean()), float(part.scores.mean())
