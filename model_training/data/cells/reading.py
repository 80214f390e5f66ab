"""Define how the cells of a table are read, and what becomes of them."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from model_training.data.cells.dates import AmbiguousOrder, DateNotation
from model_training.data.cells.formats import DecimalMark, NumberFormat

WantedKind = Literal["number", "category", "text", "boolean", "date", "drop"]
"""Values of `--kind`."""
UseOfDates = Literal["parts", "drop"]
"""Values of `--dates`."""


@dataclass(frozen=True)
class Reading:
    """How to read the cells of a file."""

    missing: frozenset[str] = frozenset()
    """Words that mean a missing value, besides an empty cell."""
    kinds: Mapping[str, WantedKind] = field(default_factory=dict)
    """The kinds of some columns; the others are inferred."""
    decimal: DecimalMark | None = None
    """The decimal mark of numbers that can be read in two ways."""
    dates: UseOfDates | None = "parts"
    """What becomes of the dates in text; with None, text is never read as dates."""
    date_order: AmbiguousOrder | None = None
    """What comes first in dates that can be read in two ways."""

    def options(self, name: str) -> "Options":
        """Return how to read the cells of one column."""
        return Options(
            name,
            self.missing,
            self.kinds.get(name),
            self.decimal,
            dates=self.dates is not None,
            date_order=self.date_order,
        )


@dataclass(frozen=True)
class Options:
    """How to read the cells of one column."""

    name: str
    missing: frozenset[str] = frozenset()
    kind: WantedKind | None = None
    decimal: DecimalMark | None = None
    usual: DecimalMark = "."
    """The decimal mark to assume of numbers such as 1,234 that can be read in two ways."""

    dates: bool = True
    """Whether text may be read as dates."""
    date_order: AmbiguousOrder | None = None
    declared: bool = False
    """Whether the file declares the type of the column, as Parquet does."""

    def keeping(self, kind: WantedKind) -> str:
        """Return the option that gives this column a kind, quoted for a shell."""
        return kind_option(self.name, kind)


def kind_option(name: str, kind: WantedKind) -> str:
    """Return the option that gives a column a kind, quoted for a shell."""
    return f"--kind {shlex.quote(f'{name}={kind}')}"


@dataclass(frozen=True)
class Cells:
    """A converted column."""

    series: pd.Series
    """The values, of shape [n]: int64, float64, bool, datetime64 or objects; NaN is missing."""
    format: str = ""
    """The notation of the numbers or dates, such as `decimal comma`; empty if it is plain."""
    notation: NumberFormat | DateNotation | None = None
    remarks: tuple[str, ...] = ()
