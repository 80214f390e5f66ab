"""Detect columns that are unlikely features: identifiers, free text, dates and copies of the target."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from model_training.data.kinds import Column

MIN_ROWS = 100
"""The fewest rows that tell an identifier from a column whose values happen to differ."""
MIN_ROWS_OF_COPY = 20
"""The fewest rows that tell a copy of the target from a column that happens to equal it."""
NEARLY_ALL = 0.9
"""The share of rows with a text of their own above which the texts are identifiers."""
DENSE = 1.5
"""Integers that differ in every row are identifiers if their range is under this many times the number of rows."""
CODE_DIGITS = 4
CODE_VALUES = 255
"""Integers of one width are codes if they have this many digits at least, and more distinct values than this."""
ROUND = 0.5
"""Integers of which more than this share end in 0 are amounts rather than codes."""
TEXT_WORDS = 4
TEXT_VALUES = 100
TEXT_SHARE = 0.2
"""Text is free if its values have this many words on average, and if so many of them, in count and share, differ."""
CLASSES = 100
SAMPLED = 200
DATE = re.compile(
    r"\s*(?:\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?\s*"
)


def unlikely(column: Column) -> str:
    """Return why a column is no likely feature; empty if it may be one."""
    present = column.series.dropna()
    if column.kind == "integer":
        return _counter(present)
    return _unlikely_text(present, present.unique().tolist()) if column.kind == "categories" else ""


def _unlikely_text(present: pd.Series, distinct: Sequence[object]) -> str:
    rows, values = len(present), len(distinct)
    if _all_dates(distinct):
        return "it contains dates in several notations"
    words = _words(distinct)
    if values > max(TEXT_VALUES, TEXT_SHARE * rows) and words >= TEXT_WORDS:
        return f"it is free text ({values:,} distinct values of {words:.0f} words)"
    return _identifier(values, rows) if values > NEARLY_ALL * rows else ""


def _counter(present: pd.Series) -> str:
    rows = len(present)
    if present.max() - present.min() + 1 > DENSE * rows:
        return ""
    return _identifier(rows, rows) if present.nunique() == rows else ""


def _identifier(values: int, rows: int) -> str:
    return f"it has {values:,} distinct values in {rows:,} rows, as an identifier has" if rows >= MIN_ROWS else ""


def is_code(column: Column) -> bool:
    """Return whether integers are codes, such as postcodes or account numbers: many, of one width, and not round."""
    if column.kind != "integer" or column.series.min() < 0:
        return False
    width = len(str(column.series.min()))
    if width < CODE_DIGITS or len(str(column.series.max())) > width:
        return False
    return bool(column.series.nunique() > CODE_VALUES and (column.series % 10 == 0).mean() <= ROUND)


def is_copy(values: pd.Series, y: pd.Series) -> bool:
    """Return whether values equal the target: each value stands for one class, or numbers are on another scale."""
    if len(y) < MIN_ROWS_OF_COPY:
        return False
    if y.dtype.kind == "f":
        return values.dtype.kind in "iuf" and _is_scaled(values.to_numpy("float64"), y.to_numpy("float64"))
    values, classes = values.reset_index(drop=True), y.reset_index(drop=True)
    distinct = values.nunique(dropna=False)
    if distinct != classes.nunique() or distinct > CLASSES:
        return False
    codes = pd.factorize(values, use_na_sentinel=False)[0] * distinct + pd.factorize(classes)[0]
    return len(np.unique(codes)) == distinct


def _is_scaled(values: Any, y: Any) -> bool:
    low, high = y.argmin(), y.argmax()
    slope = (values[high] - values[low]) / (y[high] - y[low])
    away = np.abs(values[low] + slope * (y - y[low]) - values)
    return bool(slope != 0 and (away <= 1e-9 * max(1.0, float(np.abs(values).max()))).all())


def _all_dates(distinct: Sequence[object]) -> bool:
    def dates(values: Sequence[object]) -> bool:
        return all(isinstance(value, str) and DATE.fullmatch(value) for value in values)

    return dates(distinct[:SAMPLED]) and dates(distinct)


def _words(distinct: Sequence[object]) -> float:
    sample = distinct[:: max(1, len(distinct) // SAMPLED)]
    return sum(len(str(value).split()) for value in sample) / len(sample)
