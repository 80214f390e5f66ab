"""Steps for missing values, and for selecting columns."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from function.model.plan.steps.prepared import (
    Matrix,
    Prepared,
    check_columns,
    check_width,
    refuse_infinite,
    refuse_not_finite,
    refuse_where,
)
from function.model.plan.steps.structs import Impute, Indicate, Select


def impute(step: Impute, width: int) -> Prepared:
    """Prepare the replacement of missing values."""
    check_width("impute", len(step.values), width)
    values, absent = np.array(step.values, dtype=np.float64), _absent(step.marker)

    def apply(x: Matrix) -> Matrix:
        return np.where(absent(x), values, x)

    return Prepared(apply, width)


def indicate(step: Indicate, width: int) -> Prepared:
    """Prepare the indicator columns of missing values."""
    check_columns("indicate", step.columns, width)
    columns, absent = list(step.columns), _absent(step.marker)
    others = [] if step.others else sorted(set(range(width)) - set(columns))

    def apply(x: Matrix) -> Matrix:
        marks = absent(x)
        refuse_where(marks[:, others], "a value is missing in a column that had none missing in training")
        return marks[:, columns].astype(np.float64)

    return Prepared(apply, len(columns))


def select(step: Select, width: int) -> Prepared:
    """Prepare the selection of columns."""
    check_columns("select", step.columns, width)
    columns = list(step.columns)
    return Prepared(lambda x: x[:, columns], len(columns))


def _absent(marker: float | None) -> Callable[[Matrix], npt.NDArray[np.bool_]]:
    def absent(x: Matrix) -> npt.NDArray[np.bool_]:
        if marker is None:
            refuse_infinite(x)
            return np.isnan(x)
        refuse_not_finite(x)
        return np.equal(x, marker)

    return absent
