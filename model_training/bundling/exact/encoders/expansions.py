"""The steps of transformers that make several columns of one: polynomials, bins and splines."""

from typing import Any

import numpy as np
from scipy.sparse import issparse

from function.model.plan.steps import structs
from model_training.bundling.exact.encoders.parameters import Steps, floats
from model_training.bundling.exact.refused import Refused

SAME_PRODUCT = 2
"""Up to this degree the order of factors makes no difference."""


def polynomial(t: Any, x: Any) -> Steps:
    """Return the step of PolynomialFeatures."""
    degree: Any = t.degree
    lowest, highest = degree if isinstance(degree, tuple | list) else (0, degree)
    if not 0 <= int(highest) <= structs.MAX_DEGREE:
        raise Refused(f"polynomials of degree {highest}")
    if issparse(x) and int(highest) > SAME_PRODUCT:
        raise Refused("polynomials of sparse matrices, which multiply in another order")
    return [structs.Polynomial(int(lowest), int(highest), t.interaction_only, t.include_bias)]


def bins(t: Any, _: Any) -> Steps:
    """Return the step of a KBinsDiscretizer."""
    if t.dtype not in (None, np.float64):
        raise Refused("bins in float32")
    edges = tuple(floats(of_column[1:-1]) for of_column in t.bin_edges_)
    return [structs.Bins(edges, t.encode != "ordinal")]


def spline(t: Any, _: Any) -> Steps:
    """Return the step of a SplineTransformer."""
    if t.extrapolation not in ("constant", "continue"):
        raise Refused(f"splines with the extrapolation {t.extrapolation}")
    knots = tuple(floats(of_column.t) for of_column in t.bsplines_)
    zeros = getattr(t, "handle_missing", "error") == "zeros"
    return [structs.Spline(knots, int(t.degree), t.extrapolation == "constant", t.include_bias, zeros)]
