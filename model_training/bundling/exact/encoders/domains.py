"""The values that fitted encoders know of each column, and probes for those that they do not."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import preprocessing
from sklearn.impute import MissingIndicator, SimpleImputer

from function.model.plan.structs import Value
from model_training.bundling.exact.refused import Refused

# scikit-learn has TargetEncoder since 1.3.
ENCODERS = tuple(
    getattr(preprocessing, name)
    for name in ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
    if hasattr(preprocessing, name)
)
IMPUTERS = (SimpleImputer, MissingIndicator)
UNKNOWN_TEXTS = ("\x00unknown", "\x00other")


def is_missing(value: Any) -> bool:
    """Tell whether a value is None or NaN."""
    return value is None or value != value  # noqa: PLR0124 (NaN alone differs from itself)


def values_of(steps: Sequence[Any], width: int) -> list[tuple[Value, ...]] | None:
    """Return the values that the encoder among steps knows of each column; None where there is no encoder.

    Only imputers may come before it: behind them a column's values are still its own.

    Raises:
        Refused: something else comes before the encoder.
    """
    place = next((i for i, step in enumerate(steps) if isinstance(step, ENCODERS)), None)
    if place is None:
        return None
    before = steps[:place]
    if not all(isinstance(step, IMPUTERS) for step in before):
        raise Refused(f"{type(steps[place]).__name__} after {type(before[0]).__name__}")
    lists = steps[place].categories_
    if len(lists) < width or any(isinstance(step, MissingIndicator) for step in before):
        raise Refused(f"{type(steps[place]).__name__} of other columns than the imputer before it")
    markers = [step.missing_values for step in before if not is_missing(step.missing_values)]
    return [_distinct([*known.tolist(), *_like(markers, known)]) for known in lists[:width]]


def _like(markers: Sequence[Any], known: Any) -> list[Any]:
    """Choose the markers that can be in a column."""
    text = any(isinstance(value, str) for value in known.tolist())
    return [marker for marker in markers if isinstance(marker, str) == text]


def _distinct(values: Sequence[Any]) -> tuple[Value, ...]:
    present = [value for value in values if not is_missing(value)]
    if not all(isinstance(value, str | int | float | bool) for value in present):
        raise Refused("categories that are neither text nor numbers")
    return tuple(dict.fromkeys(present))


def unknown_values(values: Sequence[Value]) -> tuple[Value, ...]:
    """Return two values that are not among those known, of their type; none where all possible ones are known."""
    if any(isinstance(value, bool) for value in values):
        return ()
    if any(isinstance(value, str) for value in values) or not values:
        return UNKNOWN_TEXTS
    numbers = np.array(values, dtype=np.float64)
    whole = all(isinstance(value, int) for value in values)
    beyond = [float(np.floor(numbers.max())) + 1, float(np.ceil(numbers.min())) - 1]
    return tuple(int(value) for value in beyond) if whole else tuple(value + 0.25 for value in beyond)
