"""Numbers of features at which encoded columns cross values, found by bisection over the floats themselves."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from model_training.bundling.exact.proof.structure.nodes import Flags, Integers, Numbers

SIGN = np.int64(-(2**63))
HALVINGS = 66
Encode = Callable[[pd.DataFrame], Numbers]


class Targets(NamedTuple):
    """n questions: where does a feature make an encoded column cross a value?"""

    feature: Integers
    column: Integers
    value: Numbers
    low: Numbers
    """The end at which the search starts, and the one where it stops."""
    high: Numbers


def ordinal(values: Numbers) -> Integers:
    """Number the floats in their order; `from_ordinal` is the inverse."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.where(bits < 0, SIGN - bits, bits)


def from_ordinal(numbers: Integers) -> Numbers:
    """Return the floats with these numbers."""
    return np.where(numbers < 0, SIGN - numbers, numbers).astype(np.int64).view(np.float64)


def crossings(encode: Encode, rows: pd.DataFrame, targets: Targets) -> tuple[Flags, Numbers]:
    """Return which targets are crossed, and for each the last number before and the first one after.

    Args:
        encode: scikit-learn's encoder.
        rows: a row for each target, for the other features.
        targets: what to search.

    Returns:
        Which targets lie between their ends, [n], and the numbers, [n, 2].
    """
    whole = np.array([dtype.kind in "iu" for dtype in rows.dtypes])[targets.feature]
    wanted = np.arange(len(rows))

    def numbers(places: Integers) -> Numbers:
        return np.where(whole, places.astype(np.float64), from_ordinal(places))

    def above(places: Integers) -> Flags:
        encoded = encode(changed(rows, targets.feature, numbers(places)))
        found: Flags = encoded[wanted, targets.column] > targets.value
        return found

    ends = [
        np.where(whole, np.where(whole, end, 0).astype(np.int64), ordinal(end)) for end in (targets.low, targets.high)
    ]
    crossed, low, high = _bisect(above, *ends)
    return crossed, np.stack([numbers(low), numbers(high)], axis=1)


def _bisect(above: Callable[[Integers], Flags], low: Integers, high: Integers) -> tuple[Flags, Integers, Integers]:
    """Halve all intervals until their ends are neighbours; return which had ends on two sides."""
    start, stop = above(low), above(high)
    for _ in range(HALVINGS):
        # Half the sum of two int64, without overflow.
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        same = above(middle) == start
        low, high = np.where(same, middle, low), np.where(same, high, middle)
        if (high - low <= 1).all():
            break
    return start != stop, low, high


def changed(rows: pd.DataFrame, feature: Integers, values: Numbers) -> pd.DataFrame:
    """Return rows in which each row's feature has another value."""
    table = rows.copy(deep=False)
    for place in np.unique(feature).tolist():
        here = feature == place
        column = rows.iloc[:, place].to_numpy()
        table.isetitem(place, np.where(here, values.astype(column.dtype), column))
    return table
