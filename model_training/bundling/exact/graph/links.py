"""How sums become probabilities or values, written in the formula of the library they come from."""

from collections.abc import Callable

import numpy as np

from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, Graph

FLOAT_LIMIT = 88.7
"""XGBoost bounds the exponent of its logistic function."""

Writer = Callable[[Graph, str, float, bool], str]
"""Write a link over sums, [n, outputs], given the slope of logistic functions and whether the sums are float32."""


def exponential(g: Graph, x: str, *, single: bool) -> str:
    """Write exp; of float32 in double, which rounds as a C library's expf does."""
    return g.cast(g("Exp", g.cast(x, DOUBLE)), FLOAT) if single else g("Exp", x)


def _number(g: Graph, value: float, *, single: bool) -> str:
    return g.constant(value, np.float32 if single else np.float64)


def logistic_of_each(g: Graph, x: str, slope: float, single: bool) -> str:  # noqa: FBT001 (a Writer)
    """Write the logistic function of each sum."""
    minus = g("Neg", x) if slope == 1 else g("Mul", x, _number(g, -slope, single=single))
    if single:
        minus = g("Min", minus, _number(g, FLOAT_LIMIT, single=single))
    one = _number(g, 1, single=single)
    return g("Div", one, g("Add", one, exponential(g, minus, single=single)))


def logistic(g: Graph, x: str, slope: float, single: bool) -> str:  # noqa: FBT001 (a Writer)
    """Write the probabilities of two classes, given the sum of the second."""
    p = logistic_of_each(g, x, slope, single)
    return both(g, p, single=single)


def both(g: Graph, second: str, *, single: bool = False) -> str:
    """Write the probabilities of two classes, given that of the second, [n, 1]."""
    return g("Concat", g("Sub", _number(g, 1, single=single), second), second, axis=1)


def softmax(g: Graph, x: str, _: float, single: bool) -> str:  # noqa: FBT001 (a Writer)
    """Write the softmax function; float32 powers are added up in double."""
    largest = g("ReduceMax", x, g.constant([1], np.int64), keepdims=1)
    powers = exponential(g, g("Sub", x, largest), single=single)
    if single:
        return g("Div", powers, g.cast(g.total(g.cast(powers, DOUBLE)), FLOAT))
    return g("Div", powers, g.total(powers))


def softmax_in_order(g: Graph, x: str, _: float, single: bool) -> str:  # noqa: FBT001 (a Writer)
    """Write the softmax function with powers added up from the first class to the last, as a loop does.

    Where probabilities decide about the label, a sum in another order could make equals of two that are not.
    """
    largest = g("ReduceMax", x, g.constant([1], np.int64), keepdims=1)
    powers = exponential(g, g("Sub", x, largest), single=single)
    sums = g("CumSum", powers, g.constant(1, np.int64))
    return g("Div", powers, g.gather(sums, [-1]))


def log1p_exp(g: Graph, x: str, _: float, single: bool) -> str:  # noqa: FBT001 (a Writer)
    """Write log(1 + exp(x)), making up for what is lost by adding 1."""
    e = g("Exp", x)
    u = g("Add", e, g.constant(1))
    kept = g("Sub", u, g.constant(1))
    nothing = g("Equal", kept, g.constant(0))
    exact = g("Div", g("Mul", g("Log", u), e), g("Where", nothing, g.constant(1), kept))
    return g("Where", nothing, e, g("Where", g("IsInf", u), x, exact))


def hinge(g: Graph, x: str, _: float, single: bool) -> str:  # noqa: FBT001 (a Writer)
    """Write a probability of 1 for the side of 0 on which the sum is."""
    return both(g, g.cast(g("Greater", x, _number(g, 0, single=single)), DOUBLE))


LINKS: dict[str, Writer] = {
    "identity": lambda _, x, __, ___: x,
    "logistic": logistic,
    "logistic-of-each": logistic_of_each,
    "softmax": softmax,
    "softmax-in-order": softmax_in_order,
    "exp": lambda g, x, _, single: exponential(g, x, single=single),
    "signed-square": lambda g, x, _, __: g("Mul", g("Mul", g("Sign", x), x), x),
    "log1p-exp": log1p_exp,
    "hinge": hinge,
}
