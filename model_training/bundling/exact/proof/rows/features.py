"""Rows of features where a prediction could change: edges mapped back through the encoder, and between values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model_training.bundling.exact.encoders.compile import DATES
from model_training.bundling.exact.encoders.domains import unknown_values
from model_training.bundling.exact.proof.rows.crossings import Encode
from model_training.bundling.exact.proof.structure.nodes import Numbers

TRIED = 60
"""How many values of a feature are tried to see which columns it makes."""
MOST = 120
"""How many values of one feature, or edges of one column, are asked about."""


@dataclass(frozen=True)
class Sample:
    """Rows of the sample, with what the encoder makes of them."""

    X: pd.DataFrame
    kinds: Sequence[str]
    """Numpy's kind of each column."""
    numeric: frozenset[int]
    """The features that the plan reads as numbers."""
    encode: Encode
    encoded: Numbers

    def numbers(self) -> list[int]:
        """Return the features that are numbers, other than booleans and objects."""
        return [place for place, kind in enumerate(self.kinds) if place in self.numeric and kind in "iuf"]

    def dates(self) -> list[int]:
        """Return the features that are dates."""
        return [place for place, kind in enumerate(self.kinds) if kind == DATES]

    def is_whole(self, feature: int) -> bool:
        """Tell whether a feature is an integer."""
        return self.kinds[feature] in "iu"

    def values(self, feature: int) -> Numbers:
        """Return the distinct numbers of a feature, in order."""
        column = self.X.iloc[:, feature]
        found = np.unique(column.dropna().to_numpy(dtype=np.float64))
        return found if len(found) <= MOST else found[np.linspace(0, len(found) - 1, MOST).astype(int)]

    def repeated(self, count: int, rng: np.random.Generator) -> pd.DataFrame:
        """Draw rows."""
        return self.X.iloc[rng.integers(len(self.X), size=count)].reset_index(drop=True)

    def with_values(self, feature: int, values: Numbers, rng: np.random.Generator) -> pd.DataFrame:
        """Draw a row for each value, and put it in."""
        rows = self.repeated(len(values), rng)
        whole = self.is_whole(feature) and np.isfinite(values).all()
        rows.isetitem(feature, values.astype(np.int64) if whole else values)
        return rows


def own_columns(sample: Sample, rng: np.random.Generator) -> dict[int, list[int]]:
    """Return for each numeric feature the encoded columns that it alone makes."""
    changed = {}
    for feature in range(sample.X.shape[1]):
        column = sample.X.iloc[:, feature]
        values = column.iloc[rng.integers(len(column), size=TRIED)].to_numpy()
        rows = sample.X.iloc[[0] * TRIED].reset_index(drop=True)
        rows.isetitem(feature, pd.Series(values, dtype=column.dtype).to_numpy())
        encoded = sample.encode(rows)
        differs = (encoded != encoded[0]) & ~(np.isnan(encoded) & np.isnan(encoded[0]))
        changed[feature] = set(np.flatnonzero(differs.any(axis=0)).tolist())
    return {
        feature: sorted(changed[feature] - set().union(*(changed[other] for other in changed if other != feature)))
        for feature in sample.numbers()
    }


def between_values(sample: Sample, feature: int) -> Numbers:
    """Return the numbers of a feature, halfway between neighbours, one ulp beside each, and beyond the extremes."""
    values = sample.values(feature)
    if not len(values):
        return np.zeros(0)
    reach = max(1.0, float(values[-1] - values[0]))
    halves = values[:-1] / 2 + values[1:] / 2
    if sample.is_whole(feature):
        whole = np.concatenate([values, np.floor(halves), np.ceil(halves), [values[0] - 1, values[-1] + 1]])
        lowest = 0.0 if sample.kinds[feature] == "u" else -(2.0**62)
        return np.unique(np.clip(whole, lowest, 2.0**62))
    beside = [np.nextafter(values, -np.inf), np.nextafter(values, np.inf)]
    beyond = [values[0] - reach, values[-1] + reach, 0.0]
    return np.concatenate(
        [values, halves, np.nextafter(halves, -np.inf), np.nextafter(halves, np.inf), *beside, beyond]
    )


def date_edges(sample: Sample, feature: int) -> npt.NDArray[np.datetime64]:
    """Return dates of a feature, and times at and one second before each hour, weekday, month and year of interest."""
    known = np.unique(sample.X.iloc[:, feature].dropna().to_numpy("datetime64[s]"))
    some = known[np.linspace(0, len(known) - 1, min(len(known), MOST)).astype(int)]
    first, last = (known[0], known[-1]) if len(known) else (np.datetime64(0, "s"), np.datetime64(0, "s"))
    day, year = first.astype("datetime64[D]"), first.astype("datetime64[Y]")
    hours = day + np.arange(7 * 24 + 1).astype("timedelta64[h]")
    months = year.astype("datetime64[M]") + np.arange(-1, 27)
    leap = np.array(
        ["2000-02-29", "2024-02-29", "2100-02-28", "1970-01-01", "0001-01-01", "9999-12-31"], "datetime64[D]"
    )
    starts = [
        each.astype("datetime64[s]") for each in (hours, months, leap, last.astype("datetime64[Y]") + np.arange(3))
    ]
    edges = np.concatenate(starts)
    lowest, highest = np.datetime64("0001-01-01", "s"), np.datetime64("9999-12-31T23:59:59", "s")
    found: npt.NDArray[np.datetime64] = np.concatenate([some, edges, edges - np.timedelta64(1, "s"), [highest]])
    return np.clip(found, lowest, highest)


def categories(
    sample: Sample, feature: int, values: Sequence[str | int | float | bool], rng: np.random.Generator
) -> Iterator[pd.DataFrame]:
    """Yield rows of all values of a category, then one of a missing one, and of each value that nothing knows."""
    text = any(isinstance(value, str | bool) for value in values) or sample.kinds[feature] == "O"
    groups: list[list[Any]] = [list(values), [np.nan], *([value] for value in unknown_values(values))]
    for asked in groups:
        rows = sample.repeated(len(asked), rng)
        rows.isetitem(feature, np.array(asked, dtype=object) if text else np.array(asked))
        yield rows
