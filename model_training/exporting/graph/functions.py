"""The functions of numpy that ONNX has not, or has in another way."""

import math
from collections.abc import Callable

from model_training.bundling.exact.graph.builder import Graph


def log1p(g: Graph, x: str) -> str:
    """Write log(1 + x), making up for what is lost by adding 1: Kahan's formula, with an error of some 1e-16."""
    u = g("Add", x, g.constant(1))
    kept = g("Sub", u, g.constant(1))
    nothing = g("Equal", kept, g.constant(0))
    exact = g("Div", g("Mul", g("Log", u), x), g("Where", nothing, g.constant(1), kept))
    return g("Where", nothing, x, g("Where", g("IsInf", u), u, exact))


def expm1(g: Graph, x: str) -> str:
    """Write exp(x) - 1 by Kahan's formula, with an error of some 1e-16."""
    u = g("Exp", x)
    less = g("Sub", u, g.constant(1))
    one = g("Equal", u, g.constant(1))
    log = g("Log", u)
    plain = g("Or", g("Or", one, g("IsInf", u)), g("Equal", less, g.constant(-1)))
    exact = g("Div", g("Mul", less, x), g("Where", plain, g.constant(1), log))
    return g("Where", one, x, g("Where", plain, less, exact))


def _logarithm(base: float) -> Callable[[Graph, str], str]:
    return lambda g, x: g("Div", g("Log", x), g.constant(math.log(base)))


def _plain(operator: str) -> Callable[[Graph, str], str]:
    return lambda g, x: g(operator, x)


FUNCTIONS: dict[str, Callable[[Graph, str], str]] = {
    "abs": _plain("Abs"),
    "ceil": _plain("Ceil"),
    "cos": _plain("Cos"),
    "exp": _plain("Exp"),
    "expm1": expm1,
    "floor": _plain("Floor"),
    "log": _plain("Log"),
    "log10": _logarithm(10),
    "log1p": log1p,
    "log2": _logarithm(2),
    "negative": _plain("Neg"),
    "reciprocal": _plain("Reciprocal"),
    "rint": _plain("Round"),
    "sign": lambda g, x: g("Where", g("IsNaN", x), x, g("Sign", x)),
    "sin": _plain("Sin"),
    "sqrt": _plain("Sqrt"),
    "square": lambda g, x: g("Mul", x, x),
    "tanh": _plain("Tanh"),
}
"""By numpy's name, the writer of a function of each number."""
