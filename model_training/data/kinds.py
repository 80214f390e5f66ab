"""Of what kind a column's values are: numbers, true and false, or text; in the form that scikit-learn gets."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_bool_dtype, is_numeric_dtype

from function.model.schema import LARGEST_NUMBER

Kind = Literal["number", "integer", "boolean", "categories", "left out"]
MOSTLY = 0.5
SHOWN = 4
LARGEST_WHOLE = 2.0**62
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "empty")
SCALARS = (str, int, float, bool, Decimal)


@dataclass(frozen=True)
class Column:
    """A column of a table, and the words for what became of it."""

    name: str
    kind: Kind
    series: pd.Series
    """Its values, [n]: int64, float64, bool, or objects that are text; NaN is missing."""
    categories: tuple[str | int, ...] = ()
    remark: str = ""

    @property
    def used(self) -> bool:
        """Whether something can be learnt from it."""
        return self.kind != "left out"

    @property
    def missing(self) -> int:
        """How many rows have no value."""
        return int(self.series.isna().sum())

    @property
    def summary(self) -> str:
        """Say in a few words which values there are."""
        if self.categories:
            more = ", ..." if len(self.categories) > SHOWN else ""
            return f"{len(self.categories)}: {', '.join(map(str, self.categories[:SHOWN]))}{more}"
        return f"{self.series.min():g} to {self.series.max():g}" if self.kind in ("number", "integer") else ""

    def left_out(self, why: str) -> "Column":
        """Return it as one that nothing can be learnt from."""
        return replace(self, kind="left out", remark=why)


def plain(given: pd.Series) -> Column:
    """Find out a column's kind; text has yet to get its categories."""
    name = str(given.name)
    if isinstance(given.dtype, pd.CategoricalDtype):
        given = given.astype(given.cat.categories.dtype)
    kind = infer_dtype(given, skipna=True)
    if is_bool_dtype(given.dtype) or kind == "boolean":
        if given.notna().all():
            return Column(name, "boolean", given.astype(bool))
        return Column(name, "categories", as_text(given), remark="true, false and missing: taken as text")
    if kind in NUMBERS or (is_numeric_dtype(given.dtype) and given.dtype.kind != "c"):
        return _numbers(name, given)
    if all(isinstance(value, SCALARS) for value in given.dropna()):
        return Column(name, "categories", as_text(given), remark=_mixture(given.dropna()))
    column = Column(name, "left out", given)
    if kind.startswith(("date", "time", "period")):
        return column.left_out("it holds times: make columns such as hour and weekday of it")
    return column.left_out("it holds neither numbers nor text")


def as_text(values: pd.Series) -> pd.Series:
    """Write values as text; of a column of whole numbers that has gaps, 7.0 is written 7."""
    write = "{:.15g}".format if values.dtype.kind == "f" else str
    objects = values.astype(object)
    return objects.where(values.notna(), np.nan).map(write, na_action="ignore").astype(object)


def _numbers(name: str, given: pd.Series) -> Column:
    """Round to single precision, in which the compiled model computes; whole numbers without a gap are integers."""
    values = pd.to_numeric(given, errors="coerce").astype("float64")
    endless = values.abs() > LARGEST_NUMBER
    rounded = values.mask(endless).astype(np.float32)
    if rounded.notna().all() and given.dtype.kind in "iu" and values.abs().max() < LARGEST_WHOLE:
        return Column(name, "integer", rounded.astype("int64"))
    remark = f"{endless.sum():,} values are infinite or too large, and count as missing" if endless.any() else ""
    return Column(name, "number", rounded.astype("float64"), remark=remark)


def _mixture(present: pd.Series) -> str:
    """Say so where text is most probably numbers, some of which went wrong."""
    texts = present.map(str)
    numbers = pd.to_numeric(texts, errors="coerce").notna()
    if not MOSTLY < numbers.mean() < 1:
        return ""
    return f"{numbers.mean():.1%} are numbers, but not {texts[~numbers].iloc[0]!r}: taken as text"
