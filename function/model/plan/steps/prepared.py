"""What a step becomes when a plan is loaded: a function of a matrix, and the width of its result."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from function.model.plan.errors import BadPlan, UnsupportedCell

Matrix = npt.NDArray[np.float64]


class Prepared(NamedTuple):
    """A step over matrices of one width; `apply` leaves its argument as it is."""

    apply: Callable[[Matrix], Matrix]
    width: int


def check_width(name: str, found: int, width: int) -> None:
    """Check that a step has a parameter for each column.

    Raises:
        BadPlan: it has more or fewer.
    """
    if found != width:
        raise BadPlan(f"{name} has parameters for {found} columns; its input has {width}")


def check_columns(name: str, columns: tuple[int, ...], width: int) -> None:
    """Check that columns are columns of a matrix.

    Raises:
        BadPlan: one is not.
    """
    if columns and max(columns) >= width:
        raise BadPlan(f"{name} has column {max(columns)}; its input has {width} columns")


def refuse_infinite(x: Matrix) -> None:
    """Refuse numbers that have overflowed; NaN passes.

    Raises:
        UnsupportedCell: naming the first row.
    """
    refuse_where(np.isinf(x), "a number overflows in the encoder")


def refuse_not_finite(x: Matrix) -> None:
    """Refuse numbers that have overflowed, and missing ones.

    Raises:
        UnsupportedCell: naming the first row.
    """
    refuse_where(~np.isfinite(x), "a value is missing, or a number overflows in the encoder")


def refuse_where(wrong: npt.NDArray[np.bool_], reason: str) -> None:
    """Refuse the first row in which any cell is marked.

    Raises:
        UnsupportedCell: naming the row.
    """
    if wrong.any():
        raise UnsupportedCell(int(np.flatnonzero(wrong.any(axis=1))[0]), reason)
