"""Prepared steps: a function of a matrix, and the width of its result."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from function.model.plan.errors import BadPlan, UnsupportedCell

Matrix = npt.NDArray[np.float64]


class Prepared(NamedTuple):
    """A step for matrices of one width; `apply` does not change its argument."""

    apply: Callable[[Matrix], Matrix]
    width: int


def check_width(name: str, found: int, width: int) -> None:
    """Check that a step has a parameter for each column.

    Raises:
        BadPlan: the step has more or fewer.
    """
    if found != width:
        raise BadPlan(f"{name} has parameters for {found} columns; its input has {width}")


def check_columns(name: str, columns: tuple[int, ...], width: int) -> None:
    """Check that a step's columns exist in its input.

    Raises:
        BadPlan: a column does not exist.
    """
    if columns and max(columns) >= width:
        raise BadPlan(f"{name} has column {max(columns)}; its input has {width} columns")


def refuse_infinite(x: Matrix) -> None:
    """Refuse infinite numbers, but not NaN.

    Raises:
        UnsupportedCell: there is one; names its row.
    """
    refuse_where(np.isinf(x), "a number overflows in the encoder")


def refuse_not_finite(x: Matrix) -> None:
    """Refuse infinite and missing numbers.

    Raises:
        UnsupportedCell: there is one; names its row.
    """
    refuse_unless(np.isfinite(x), "a value is missing, or a number overflows in the encoder")


def refuse_where(wrong: npt.NDArray[np.bool_], reason: str) -> None:
    """Refuse a matrix if a cell is marked as wrong.

    Raises:
        UnsupportedCell: a cell is marked; names the first row with one.
    """
    refuse_unless(~wrong, reason)


def refuse_unless(accepted: npt.NDArray[np.bool_], reason: str) -> None:
    """Refuse a matrix if a cell is not marked as accepted.

    Raises:
        UnsupportedCell: a cell is not marked; names the first row with one.
    """
    if not accepted.all():
        raise UnsupportedCell(int(np.flatnonzero(~accepted.all(axis=1))[0]), reason)
