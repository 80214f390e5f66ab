"""Evaluate B-splines by de Boor's recursion, in the order of SciPy's `_deBoor_D`."""

import numpy as np
import numpy.typing as npt

from function.model.plan.errors import BadPlan
from function.model.plan.steps.prepared import (
    Matrix,
    Prepared,
    check_width,
    refuse_infinite,
    refuse_not_finite,
)
from function.model.plan.steps.structs import Spline


def spline(step: Spline, width: int) -> Prepared:
    """Prepare the splines of each column."""
    check_width("spline", len(step.knots), width)
    knots = [np.array(column_knots, dtype=np.float64) for column_knots in step.knots]
    counts = [len(column_knots) - step.degree - 1 for column_knots in knots]
    if any(count <= step.degree for count in counts):
        raise BadPlan(f"spline of degree {step.degree} has fewer than {2 * step.degree + 2} knots")
    kept = [count if step.bias else count - 1 for count in counts]

    def apply(x: Matrix) -> Matrix:
        (refuse_infinite if step.zeros else refuse_not_finite)(x)
        parts = [
            _bases(x[:, column], column_knots, step.degree, clamp=step.clamp)[:, : kept[column]]
            for column, column_knots in enumerate(knots)
        ]
        return np.hstack(parts) if parts else x

    return Prepared(apply, sum(kept))


def _bases(x: Matrix, knots: Matrix, degree: int, *, clamp: bool) -> Matrix:
    """Evaluate all splines of one column; a missing value gives a row of zeros."""
    count = len(knots) - degree - 1
    absent = np.isnan(x)
    x = np.where(absent, knots[degree], x)
    x = np.clip(x, knots[degree], knots[count]) if clamp else x
    interval = np.searchsorted(knots[degree + 1 : count], x, side="right") + degree
    found = np.zeros((len(x), count))
    for place, value in enumerate(_not_zero(x, knots, degree, interval)):
        found[np.arange(len(x)), interval + (place - degree)] = value
    found[absent] = 0
    return found


def _not_zero(x: Matrix, knots: Matrix, degree: int, interval: npt.NDArray[np.intp]) -> list[Matrix]:
    """Evaluate the degree + 1 splines that are not zero in each value's interval."""
    values = [np.ones_like(x)]
    for of_degree in range(1, degree + 1):
        below, values = values, [np.zeros_like(x)]
        for n in range(1, of_degree + 1):
            high, low = knots[interval + n], knots[interval + n - of_degree]
            with np.errstate(divide="ignore", invalid="ignore"):
                weight = np.where(high == low, 0.0, below[n - 1] / (high - low))
            values[n - 1] = values[n - 1] + weight * (high - x)
            values.append(weight * (x - low))
    return values
