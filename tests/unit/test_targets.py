"""Which task a target column gives, or why it is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from function.model.manifest import Task
from model_training.data.errors import BadTable
from model_training.data.targets import check_rows, read_target

TASKS: dict[str, tuple[Any, str, str]] = {
    "two words": (["no", "yes"], "binary", "object"),
    "truth": ([True, False], "binary", "bool"),
    "0 and 1": ([0, 1], "binary", "int64"),
    "0.0 and 1.0, as a column has that lacked some": ([0.0, 1.0], "binary", "int64"),
    "three words": (["a", "b", "c"], "multiclass", "object"),
    "ten whole numbers": (range(10), "multiclass", "int64"),
    "eleven whole numbers": (range(11), "regression", "float64"),
    "fractions": ([0.5, 1.0], "regression", "float64"),
}


@pytest.mark.parametrize("case", TASKS)
def test_the_values_tell_the_task(case: str) -> None:
    """And what classes are made of."""
    values, task, dtype = TASKS[case]
    y, found = read_target(pd.Series(values, name="y"), None)
    assert found == task
    assert y.dtype == dtype


def test_a_task_may_be_chosen() -> None:
    """Where the values admit it."""
    assert read_target(pd.Series(range(11), name="y"), "multiclass")[0].dtype == "int64"
    assert read_target(pd.Series([0, 1, 2], name="y"), "regression")[0].dtype == "float64"


WRONG: dict[str, tuple[Any, Task | None, str]] = {
    "constant": ([1] * 30, None, "'y' is 1 in every row"),
    "words": (["a", "b"], "regression", "is not numeric"),
    "truth": ([True, False], "regression", "is not numeric"),
    "fractions": ([0.5, 0.7], "binary", "--task regression"),
    "three": ([0, 1, 2], "binary", "--task multiclass"),
    "two": ([0, 1], "multiclass", "--task binary"),
    "names": ([f"person {i}" for i in range(101)], None, "101 distinct values: at most 100 classes"),
    "times": (pd.date_range("2013-01-01", periods=30), None, "it contains dates"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_predicted_is_refused(case: str) -> None:
    """With the target's name, and what could be done instead."""
    values, task, reason = WRONG[case]
    with pytest.raises(BadTable, match=reason):
        read_target(pd.Series(values, name="y"), task)


def test_too_few_rows_are_refused() -> None:
    """Altogether, or of a class."""
    with pytest.raises(BadTable, match="the table has 19 rows"):
        check_rows(pd.Series(np.arange(19) % 2, name="y"), "binary")
    with pytest.raises(BadTable, match="'c' 4"):
        check_rows(pd.Series(["a"] * 20 + ["b"] * 20 + ["c"] * 4, name="y"), "multiclass")
    check_rows(pd.Series(np.arange(20.0), name="y"), "regression")
