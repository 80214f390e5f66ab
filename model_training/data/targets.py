"""Infer the task type from a target column, and check that there are enough rows to train on."""

import numpy as np
import pandas as pd

from function.model.manifest import CLASSES_OF_BINARY, Scalar, Task
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.data.kinds import Column, infer_column

MAX_INTEGER_CLASSES = 10
"""A target of integers with more distinct values than this is a regression, unless --task is given."""
MAX_CLASSES = 100
MIN_ROWS = 20
MIN_ROWS_PER_CLASS = 5
"""The fewest rows of a class that can be split between fitting, cross-validation and the hold-out."""


def read_target(given: pd.Series, wanted: Task | None) -> tuple[pd.Series, Task]:
    """Convert a target without missing values to classes or numbers; return it with the task type.

    Raises:
        BadTable: the column can't be a target, or not of the `wanted` task.
    """
    column, name = infer_column(given), given.name
    if not column.used or column.kind == "date":
        raise BadTable(f"the target {name!r} can't be predicted: {column.remark or 'it contains dates'}")
    values = _whole(column)
    distinct = values.nunique()
    if distinct == 1:
        raise BadTable(f"the target {name!r} is {values.tolist()[0]!r} in every row: it needs at least two values")
    task = wanted or _task(values, distinct)
    if problem := _mismatch(task, values, distinct):
        raise BadTable(f"the target {name!r} {problem}")
    return values.astype("float64") if task == "regression" else values, task


def check_rows(y: pd.Series, task: Task) -> None:
    """Check that a target has enough rows, in total and of each class, to train and to evaluate.

    Raises:
        BadTable: there are too few rows.
    """
    if len(y) < MIN_ROWS:
        raise BadTable(f"the table has {len(y)} rows with a target: training needs at least {MIN_ROWS}")
    counts = y.value_counts()
    rare = counts[counts < MIN_ROWS_PER_CLASS]
    if task != "regression" and (len(rare) or len(counts) == 1):
        named = ", ".join(f"{label!r} {count}" for label, count in (rare if len(rare) else counts).items())
        raise BadTable(
            f"the target {str(y.name)!r} has too few rows of a class ({named}): it needs at least two classes "
            f"with {MIN_ROWS_PER_CLASS} rows each"
        )


def classes_of(data: Dataset) -> tuple[Scalar, ...]:
    """Return the classes in the order of the fitted model; empty for a regression."""
    return () if data.task == "regression" else tuple(np.unique(data.target.to_numpy()).tolist())


def _whole(column: Column) -> pd.Series:
    """Convert floats that are all whole numbers to integers: pandas reads integers with missing values as floats."""
    values = column.series
    whole = column.kind == "number" and bool((values % 1 == 0).all())
    return values.astype("int64") if whole and values.abs().max() < 2**53 else values


def _task(values: pd.Series, distinct: int) -> Task:
    if values.dtype.kind == "f" or (values.dtype.kind == "i" and distinct > MAX_INTEGER_CLASSES):
        return "regression"
    return "binary" if distinct == CLASSES_OF_BINARY else "multiclass"


def _mismatch(task: Task, values: pd.Series, distinct: int) -> str:
    """Return why a target can't have a task type; empty if it can."""
    if task == "regression":
        return "" if values.dtype.kind in "if" else "is not numeric: use --task binary or --task multiclass"
    if values.dtype.kind == "f":
        return "has numbers with decimals: use --task regression"
    if distinct > MAX_CLASSES:
        return f"has {distinct:,} distinct values: at most {MAX_CLASSES} classes are supported"
    if (task == "binary") != (distinct == CLASSES_OF_BINARY):
        other = "multiclass" if task == "binary" else "binary"
        return f"has {distinct} distinct values: use --task {other}"
    return ""
