"""Infer whether a column holds numbers, booleans or text, and convert its values for scikit-learn."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_bool_dtype, is_numeric_dtype

from function.model.dates import DateFormat, write_time
from function.model.plan.dates import PARTS, Part
from function.model.schema import LARGEST_NUMBER

Kind = Literal["number", "integer", "boolean", "categories", "date", "left out"]
MOSTLY = 0.5
SHOWN = 4
LARGEST_WHOLE = 2.0**62
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "empty")
DATES = ("date", "datetime", "datetime64")
SCALARS = (str, int, float, bool, Decimal)


@dataclass(frozen=True)
class Column:
    """A column of a table with its kind, and a remark on how it is used."""

    name: str
    kind: Kind
    series: pd.Series
    """The values, of shape [n]: int64, float64, bool, datetime64 in seconds, or text as objects; NaN is missing."""
    categories: tuple[str | int, ...] = ()
    remark: str = ""
    format: str = ""
    """The notation of the numbers in the file, such as `decimal comma`; empty if it is plain."""

    @property
    def use(self) -> str:
        """How the column is used, for a table of columns."""
        use = f"{self.kind}, {self.format}" if self.used and self.format else self.kind
        return f"{use}: {', '.join(self.parts)}" if self.kind == "date" else use

    @property
    def date_format(self) -> DateFormat:
        """Whether the dates have a time: any other than midnight."""
        return date_format(self.series)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The numbers that a date becomes."""
        return parts_of(self.date_format)

    @property
    def used(self) -> bool:
        """Whether the column is a feature."""
        return self.kind != "left out"

    @property
    def missing(self) -> int:
        """The number of rows in which the value is missing."""
        return int(self.series.isna().sum())

    @property
    def summary(self) -> str:
        """The number of categories and the first of them, or the range of the numbers."""
        if self.categories:
            more = ", ..." if len(self.categories) > SHOWN else ""
            return f"{len(self.categories)}: {', '.join(map(str, self.categories[:SHOWN]))}{more}"
        if self.kind == "date":
            return " to ".join(write_time(time, self.date_format) for time in (self.series.min(), self.series.max()))
        return f"{self.series.min():g} to {self.series.max():g}" if self.kind in ("number", "integer") else ""

    def left_out(self, reason: str) -> "Column":
        """Return a copy that is not used as a feature, with the reason as its remark."""
        return replace(self, kind="left out", categories=(), remark=reason)

    def noted(self, *remarks: str) -> "Column":
        """Return a copy with more remarks."""
        return replace(self, remark="; ".join(remark for remark in (self.remark, *remarks) if remark))


def infer_column(given: pd.Series) -> Column:
    """Infer the kind of a column; the categories of a text column are added later, by `prepare_column`."""
    name = str(given.name)
    if isinstance(given.dtype, pd.CategoricalDtype):
        given = given.astype(given.cat.categories.dtype)
    kind = infer_dtype(given, skipna=True)
    if kind in DATES:
        times = pd.to_datetime(given, utc=True).dt.tz_localize(None).astype("datetime64[s]")
        return Column(name, "date", times)
    if is_bool_dtype(given.dtype) or kind == "boolean":
        whole = given.notna().all()
        return Column(name, "boolean", given.astype(bool if whole else object))
    if kind in NUMBERS or (is_numeric_dtype(given.dtype) and given.dtype.kind != "c"):
        return _numbers(name, given)
    return _text(name, given, kind)


def _text(name: str, given: pd.Series, kind: str) -> Column:
    counts = _counts(given)
    if all(isinstance(value, str) for value in counts.index):
        return Column(name, "categories", given.astype(object), remark=_mixture(counts))
    if all(isinstance(value, SCALARS) for value in counts.index):
        text = as_text(given)
        return Column(name, "categories", text, remark=_mixture(_counts(text)))
    column = Column(name, "left out", given)
    if kind.startswith(("date", "time", "period")):
        return column.left_out("it contains times without a date, or durations: derive numbers from it")
    return column.left_out("its values are neither numbers nor text")


def date_format(times: pd.Series) -> DateFormat:
    """Return whether dates have a time: any other than midnight."""
    present = times.dropna()
    return "date" if (present.dt.normalize() == present).all() else "date-time"


def parts_of(kind: DateFormat) -> tuple[Part, ...]:
    """Return the numbers that a date becomes; it has an hour only if it has a time."""
    return tuple(part for part in PARTS if part != "hour" or kind == "date-time")


def as_text(values: pd.Series) -> pd.Series:
    """Convert values to text; 7.0 becomes 7, since pandas stores integers with missing values as floats."""
    write = "{:.15g}".format if values.dtype.kind == "f" else str
    objects = values.astype(object)
    return objects.where(values.notna(), np.nan).map(write, na_action="ignore").astype(object)


def _numbers(name: str, given: pd.Series) -> Column:
    """Keep numbers in double precision; integers need every value present."""
    numbers = pd.to_numeric(given, errors="coerce")
    values = numbers.astype("float64")
    endless = values.abs() > LARGEST_NUMBER
    if given.dtype.kind in "iu" and values.notna().all() and values.abs().max() < LARGEST_WHOLE:
        return Column(name, "integer", numbers.astype("int64"))
    remark = f"{endless.sum():,} values are infinite or too large and count as missing" if endless.any() else ""
    return Column(name, "number", values.mask(endless), remark=remark)


def _counts(given: pd.Series) -> pd.Series:
    """Count the distinct values in the order of their first rows; values that can't be counted are one each."""
    try:
        return given.value_counts(sort=False)
    except TypeError:
        present = given.dropna()
        return pd.Series(1, index=pd.Index(present.tolist(), dtype=object, tupleize_cols=False))


def _mixture(counts: pd.Series) -> str:
    """Return a remark if most values of a text column are numbers, which suggests a few malformed ones."""
    numbers = pd.to_numeric(counts.index.to_series(), errors="coerce").notna().to_numpy()
    share = counts[numbers].sum() / max(1, counts.sum())
    if not MOSTLY < share < 1:
        return ""
    return f"{share:.1%} of the values are numbers, but {counts.index[~numbers][0]!r} is not: used as text"
