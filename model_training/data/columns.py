"""Decide how each column of a table is used as a feature, or why it is left out."""

from collections.abc import Collection
from dataclasses import replace

import msgspec
import pandas as pd

from function.model.manifest import FeatureName
from model_training.data.kinds import Column, as_text, infer_column

MAX_CATEGORIES = 255
"""The most categories of one column; rarer values count as missing."""
MIN_ROWS_PER_CATEGORY = 10
"""The fewest rows that a category must have in a column with more than MAX_CATEGORIES values."""


def prepare_columns(table: pd.DataFrame, categorical: Collection[str]) -> list[Column]:
    """Prepare every column of a table; those named in `categorical` become categories even if they are integers."""
    return [prepare_column(table[name], categorical=name in categorical) for name in table.columns]


def prepare_column(values: pd.Series, *, categorical: bool = False) -> Column:
    """Prepare one column as a feature, or leave it out and give the reason."""
    column = infer_column(values)
    if problem := _problem(column):
        return column.left_out(problem)
    if column.kind == "number" and categorical:
        column = replace(
            column, kind="categories", series=as_text(column.series), remark="has missing values: used as text"
        )
    if column.kind == "categories" or (column.kind == "integer" and categorical):
        return _categories(column)
    return column


def _problem(column: Column) -> str:
    """Return why a column can't be used as a feature; empty if it can."""
    if not column.used:
        return column.remark
    if column.name.startswith("Unnamed: "):
        return "it has no name in the header"
    try:
        msgspec.convert(column.name, FeatureName)
    except msgspec.ValidationError:
        return "its name is empty, over 128 characters, or contains quotes, backslashes or control characters"
    distinct = column.series.nunique()
    if not distinct:
        return "all its values are missing"
    return "it has the same value in every row" if distinct == 1 and not column.missing else ""


def _categories(column: Column) -> Column:
    """Use each value as a category; if there are too many, keep the most frequent and treat the others as missing."""
    counts = column.series.value_counts()
    if len(counts) <= MAX_CATEGORIES:
        return replace(column, kind="categories", categories=tuple(sorted(counts.index.tolist())))
    frequent = counts[counts >= MIN_ROWS_PER_CATEGORY].sort_index().sort_values(ascending=False, kind="stable")
    kept = frequent.index[:MAX_CATEGORIES]
    if not len(kept):
        return column.left_out(
            _add_remark(column, f"it has {len(counts):,} distinct values, each in under {MIN_ROWS_PER_CATEGORY} rows")
        )
    return replace(
        column,
        kind="categories",
        series=as_text(column.series.where(column.series.isin(kept))),
        categories=tuple(sorted(map(str, kept))),
        remark=_add_remark(
            column,
            f"the {len(kept)} most frequent of {len(counts):,} distinct values are kept, the others count as missing",
        ),
    )


def _add_remark(column: Column, remark: str) -> str:
    return f"{column.remark}; {remark}" if column.remark else remark
