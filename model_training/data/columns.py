"""Decide how each column of a table is used as a feature, or why it is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import pandas as pd

from function.model.manifest import FeatureName
from model_training.data.cells.reading import Cells, WantedKind, kind_option
from model_training.data.exclusions import is_code, is_copy, unlikely
from model_training.data.kinds import Column, as_text, infer_column
from model_training.data.tables import Table

MAX_CATEGORIES = 255
"""The most categories of one column; rarer values are treated like values that the model does not know."""
MIN_ROWS_PER_CATEGORY = 10
"""The fewest rows that a category must have in a column with more than MAX_CATEGORIES values."""
CATEGORICAL = ("category", "text")


def prepare_columns(
    table: Table, names: Sequence[str], y: pd.Series, kinds: Mapping[str, WantedKind], *, drop_dates: bool = False
) -> list[Column]:
    """Prepare columns of a table as features to predict y from; `kinds` overrides what is inferred."""
    return [
        prepare_column(
            table.frame[name], kind=kinds.get(name), y=y, cells=table.columns.get(name), drop_dates=drop_dates
        )
        for name in names
    ]


def prepare_column(
    values: pd.Series,
    *,
    kind: WantedKind | None = None,
    y: pd.Series | None = None,
    cells: Cells | None = None,
    drop_dates: bool = False,
) -> Column:
    """Prepare one column as a feature, or leave it out and give the reason.

    Args:
        values: the values, of shape [n].
        kind: the kind that the user names, or None to infer it and to leave out columns that are unlikely features.
        y: the target, of shape [n], to find copies of it.
        cells: how the values were read, with its remarks.
        drop_dates: whether dates are left out.
    """
    column = infer_column(values)
    if kind == "drop":
        return column.left_out(f"{kind_option(column.name, kind)} drops it")
    if problem := _problem(column, kind):
        return column.left_out("; ".join((*(cells.remarks if cells else ()), problem)))
    if cells:
        mixture, column = column.remark, replace(column, format=cells.format, remark="; ".join(cells.remarks))
        column = column if column.remark else column.noted(mixture)
    if kind is None and column.kind == "date" and drop_dates:
        return column.left_out(column.noted(f"--dates drop leaves dates out{_way_back(column)}").remark)
    if kind is None:
        column = _as_code(column)
        if reason := _exclusion(column, y):
            return column.left_out(column.noted(f"{reason}{_way_back(column)}").remark)
    categorical = kind in CATEGORICAL
    if column.kind in ("number", "boolean") and categorical:
        column = replace(column, kind="categories", series=as_text(column.series)).noted(
            "has missing values: used as text" if column.missing else "used as text"
        )
    if column.kind == "categories" or (column.kind == "integer" and categorical):
        return _categories(column)
    return column


def _problem(column: Column, kind: WantedKind | None) -> str:
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
    if distinct == 1 and not column.missing and kind is None:
        return f"it has the same value in every row{_way_back(column)}"
    return ""


def _exclusion(column: Column, y: pd.Series | None) -> str:
    if y is not None and is_copy(column.series, y):
        return f"it is a copy of the target {str(y.name)!r}"
    return unlikely(column)


def _way_back(column: Column) -> str:
    """Return the option that keeps a column; there is none for text whose values are all rare."""
    counts = column.series.value_counts()
    if column.kind == "categories" and len(counts) > MAX_CATEGORIES and counts.iloc[0] < MIN_ROWS_PER_CATEGORY:
        return ""
    return f" ({kind_option(column.name, _kind(column))} keeps it)"


def _as_code(column: Column) -> Column:
    """Use integers that are codes, such as postcodes, as text."""
    if not is_code(column):
        return column
    width = len(str(column.series.iloc[0]))
    return replace(column, kind="categories", series=as_text(column.series)).noted(
        f"all its values have {width} digits, as codes have: used as text "
        f"({kind_option(column.name, 'number')} makes it a number)"
    )


def _kind(column: Column) -> WantedKind:
    """Return the value of `--kind` that keeps a column as it is."""
    wanted: dict[str, WantedKind] = {"boolean": "boolean", "date": "date", "categories": "category"}
    return wanted.get(column.kind, "number")


def _categories(column: Column) -> Column:
    """Use each value as a category; if there are too many, only the most frequent."""
    counts = column.series.value_counts()
    if len(counts) <= MAX_CATEGORIES:
        return replace(column, kind="categories", categories=tuple(sorted(counts.index.tolist())))
    frequent = counts[counts >= MIN_ROWS_PER_CATEGORY].sort_index().sort_values(ascending=False, kind="stable")
    kept = frequent.index[:MAX_CATEGORIES]
    if not len(kept):
        return column.left_out(
            column.noted(f"it has {len(counts):,} distinct values, each in under {MIN_ROWS_PER_CATEGORY} rows").remark
        )
    rare = int(counts.sum() - counts[kept].sum())
    return replace(column, kind="categories", categories=tuple(sorted(kept.tolist()))).noted(
        f"the {len(kept)} most frequent of {len(counts):,} distinct values are categories; "
        f"the others, in {rare:,} rows, are treated like unknown values"
    )
