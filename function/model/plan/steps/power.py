"""Power transforms, by the formulas of SciPy's `boxcox` and `yeojohnson`, and normalization of rows."""

import numpy as np

from function.model.plan.steps.prepared import (
    Matrix,
    Prepared,
    check_width,
    refuse_infinite,
    refuse_not_finite,
    refuse_where,
)
from function.model.plan.steps.structs import Normalize, Power

EPSILON = float(np.finfo(np.float64).eps)
TINY_POWER = 1e-19
"""Below this power, the transform of Box and Cox is the logarithm."""


def power(step: Power, width: int) -> Prepared:
    """Prepare a power transform of each column."""
    check_width("power", len(step.powers), width)
    transform = _box_cox if step.method == "box-cox" else _yeo_johnson

    def apply(x: Matrix) -> Matrix:
        refuse_infinite(x)
        if step.method == "box-cox":
            refuse_where(x <= 0, "a number is not above 0")
        columns = [transform(x[:, column], column_power) for column, column_power in enumerate(step.powers)]
        return np.column_stack(columns) if columns else x

    return Prepared(apply, width)


def normalize(step: Normalize, width: int) -> Prepared:
    """Prepare the division of each row by its norm; a row of zeros is not changed."""

    def apply(x: Matrix) -> Matrix:
        refuse_not_finite(x)
        norms = _norms(x, step.norm)
        norms[norms < 10 * EPSILON] = 1.0
        result: Matrix = x / norms[:, None]
        return result

    return Prepared(apply, width)


def _norms(x: Matrix, norm: str) -> Matrix:
    norms: Matrix = np.abs(x).sum(axis=1) if norm == "l1" else np.abs(x).max(axis=1)
    return np.sqrt(np.einsum("ij,ij->i", x, x)) if norm == "l2" else norms


def _box_cox(x: Matrix, power_: float) -> Matrix:
    logarithm = np.log(x)
    # For such a small power, expm1(y) is y, and the quotient is the logarithm.
    return logarithm if abs(power_) < TINY_POWER else np.expm1(power_ * logarithm) / power_


def _yeo_johnson(x: Matrix, power_: float) -> Matrix:
    with np.errstate(invalid="ignore"):
        positive, negative = np.log1p(np.where(x >= 0, x, 0)), np.log1p(np.where(x < 0, -x, 0))
    above = positive if abs(power_) < EPSILON else np.expm1(power_ * positive) / power_
    other = 2 - power_
    below = -np.expm1(other * negative) / other if abs(power_ - 2) > EPSILON else -negative
    return np.where(np.isnan(x), np.nan, np.where(x >= 0, above, below))
