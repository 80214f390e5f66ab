"""What is to be predicted: which task a target makes, and whether there are enough rows of it."""

import pandas as pd

from function.model.manifest import CLASSES_OF_BINARY, Task
from model_training.data.errors import BadTable
from model_training.data.kinds import Column, plain

FEW = 10
"""So many different whole numbers at most are classes, unless told otherwise."""
MOST_CLASSES = 100
LEAST_ROWS = 20
LEAST_OF_A_CLASS = 5
"""Fewer can't be shared out between fitting, its cross-validation and the hold-out."""


def read_target(given: pd.Series, wanted: Task | None) -> tuple[pd.Series, Task]:
    """Return a target that has a value in each row as classes or numbers, and its task.

    Raises:
        BadTable: it can't be predicted, or not as `wanted`.
    """
    column, name = plain(given), given.name
    if not column.used:
        raise BadTable(f"{name!r} can't be predicted: {column.remark}")
    values = _whole(column)
    different = values.nunique()
    if different == 1:
        raise BadTable(f"{name!r} is {values.tolist()[0]!r} in every row: there is nothing to be learnt")
    task = wanted or _task(values, different)
    if problem := _mismatch(task, values, different):
        raise BadTable(f"{name!r} {problem}")
    return values.astype("float64") if task == "regression" else values, task


def check_rows(y: pd.Series, task: Task) -> None:
    """Refuse a target of which too little is there to learn and to evaluate.

    Raises:
        BadTable: saying how much there must be.
    """
    if len(y) < LEAST_ROWS:
        raise BadTable(f"there are {len(y)} rows to learn from; it takes {LEAST_ROWS} at least")
    counts = y.value_counts()
    rare = counts[counts < LEAST_OF_A_CLASS]
    if task != "regression" and (len(rare) or len(counts) == 1):
        named = ", ".join(f"{label!r} {count}" for label, count in (rare if len(rare) else counts).items())
        raise BadTable(
            f"each class of {str(y.name)!r} takes {LEAST_OF_A_CLASS} rows at least, and there must be two; "
            f"rows there are: {named}"
        )


def _whole(column: Column) -> pd.Series:
    """Return numbers that are all whole as integers: a column with gaps has none."""
    values = column.series
    whole = column.kind == "number" and bool((values % 1 == 0).all())
    return values.astype("int64") if whole and values.abs().max() < 2**53 else values


def _task(values: pd.Series, different: int) -> Task:
    if values.dtype.kind == "f" or (values.dtype.kind == "i" and different > FEW):
        return "regression"
    return "binary" if different == CLASSES_OF_BINARY else "multiclass"


def _mismatch(task: Task, values: pd.Series, different: int) -> str:
    """Say why a target can't be predicted as a task, if so."""
    if task == "regression":
        return "" if values.dtype.kind in "if" else "holds no numbers: it can't be predicted by a regression"
    if values.dtype.kind == "f":
        return "holds numbers that are not whole: --task regression predicts them"
    if different > MOST_CLASSES:
        return f"has {different:,} different values; there may be {MOST_CLASSES} classes"
    if (task == "binary") != (different == CLASSES_OF_BINARY):
        other = "multiclass" if task == "binary" else "binary"
        return f"has {different} different values: that is --task {other}"
    return ""
