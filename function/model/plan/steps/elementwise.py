"""Steps that compute each cell by itself: arithmetic, clipping, thresholds and functions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from function.model.plan.steps.prepared import (
    Matrix,
    Prepared,
    check_width,
    refuse_infinite,
    refuse_not_finite,
)
from function.model.plan.steps.structs import Apply, Arithmetic, Clip, Threshold

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
}


def arithmetic(step: Arithmetic, width: int) -> Prepared:
    """Prepare addition, subtraction, multiplication or division by column."""
    check_width(step.operator, len(step.values), width)
    operator, values = OPERATORS[step.operator], np.array(step.values, dtype=np.float64)

    def apply(x: Matrix) -> Matrix:
        refuse_infinite(x)
        result: Matrix = operator(x, values)
        return result

    return Prepared(apply, width)


def clip(step: Clip, width: int) -> Prepared:
    """Prepare clipping to a range."""

    def apply(x: Matrix) -> Matrix:
        return np.clip(x, step.low, step.high)

    return Prepared(apply, width)


def threshold(step: Threshold, width: int) -> Prepared:
    """Prepare a comparison with a number."""

    def apply(x: Matrix) -> Matrix:
        refuse_not_finite(x)
        return (x > step.value).astype(np.float64)

    return Prepared(apply, width)


def function(step: Apply, width: int) -> Prepared:
    """Prepare a function of numpy, which does not check its input."""
    ufunc = getattr(np, step.name)

    def apply(x: Matrix) -> Matrix:
        result: Matrix = ufunc(x)
        return result

    return Prepared(apply, width)
