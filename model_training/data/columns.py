"""What each column of a table becomes, or why it is left out."""

from collections.abc import Collection
from dataclasses import replace

import msgspec
import pandas as pd

from function.model.manifest import FeatureName
from model_training.data.kinds import Column, as_text, plain

MOST_CATEGORIES = 255
"""Of a column; the others count as missing."""
LEAST_ROWS = 10
"""Of one category, where there are too many."""


def take_columns(table: pd.DataFrame, categorical: Collection[str]) -> list[Column]:
    """Decide about each column; those of `categorical` become categories also where they are whole numbers."""
    return [take_column(table[name], categorical=name in categorical) for name in table.columns]


def take_column(given: pd.Series, *, categorical: bool = False) -> Column:
    """Decide about one column."""
    column = plain(given)
    if problem := _problem(column):
        return column.left_out(problem)
    if column.kind == "number" and categorical:
        column = replace(column, kind="categories", series=as_text(column.series), remark="with gaps: taken as text")
    if column.kind == "categories" or (column.kind == "integer" and categorical):
        return _categories(column)
    return column


def _problem(column: Column) -> str:
    """Say why nothing can be learnt from a column, if so."""
    if not column.used:
        return column.remark
    if column.name.startswith("Unnamed: "):
        return "it has no name"
    try:
        msgspec.convert(column.name, FeatureName)
    except msgspec.ValidationError:
        return "its name is empty, over 128 characters, or has quotes, backslashes or control characters"
    different = column.series.nunique()
    if not different:
        return "it has no value at all"
    return "it is constant" if different == 1 and not column.missing else ""


def _categories(column: Column) -> Column:
    """Take every value for a category; of too many only those that are frequent, the others count as missing."""
    counts = column.series.value_counts()
    if len(counts) <= MOST_CATEGORIES:
        return replace(column, kind="categories", categories=tuple(sorted(counts.index.tolist())))
    frequent = counts[counts >= LEAST_ROWS].sort_index().sort_values(ascending=False, kind="stable")
    kept = frequent.index[:MOST_CATEGORIES]
    if not len(kept):
        return column.left_out(
            _and(column, f"it has {len(counts):,} different values, each in under {LEAST_ROWS} rows")
        )
    return replace(
        column,
        kind="categories",
        series=as_text(column.series.where(column.series.isin(kept))),
        categories=tuple(sorted(map(str, kept))),
        remark=_and(
            column,
            f"of {len(counts):,} different values the {len(kept)} most frequent are kept, the others are missing",
        ),
    )


def _and(column: Column, remark: str) -> str:
    return f"{column.remark}; {remark}" if column.remark else remark
