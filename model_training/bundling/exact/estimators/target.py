"""Write a regression whose target was transformed: the inverse of what was done to it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from model_training.bundling.exact.estimators.context import Context, needed
from model_training.bundling.exact.graph.builder import Graph
from model_training.bundling.exact.graph.written import Written
from model_training.bundling.exact.refused import Refused

HALF = 0.5


def transformed_target(context: Context, estimator: Any, x: str) -> Written:
    """Write the regression, and the inverse of its target's transformer."""
    values = needed(context.part(estimator.regressor_, x).values, "values")
    return Written(values=_inverse(context.graph, estimator.transformer_, values))


def _inverse(g: Graph, transformer: Any, x: str) -> str:
    if type(transformer) is StandardScaler:
        x = g("Mul", x, g.constant(transformer.scale_[0])) if transformer.with_std else x
        return g("Add", x, g.constant(transformer.mean_[0])) if transformer.with_mean else x
    if type(transformer) is MinMaxScaler:
        return g("Div", g("Sub", x, g.constant(transformer.min_[0])), g.constant(transformer.scale_[0]))
    if type(transformer) is not FunctionTransformer or transformer.inverse_func not in INVERSES:
        raise Refused("a transformed target whose inverse is not known")
    return INVERSES[transformer.inverse_func](g, x)


def _expm1(g: Graph, x: str) -> str:
    """Write exp(x) - 1, making up for what exp loses near 0."""
    u = g("Exp", x)
    rest = g("Sub", u, g.constant(1))
    plain = g("Or", g("Equal", rest, g.constant(0)), g("Greater", g("Abs", rest), g.constant(HALF)))
    careful = g("Div", g("Mul", rest, x), g("Log", g("Where", plain, g.constant(math.e), u)))
    return g("Where", g("Equal", rest, g.constant(0)), x, g("Where", plain, rest, careful))


INVERSES: dict[Any, Callable[[Graph, str], str]] = {
    None: lambda _, x: x,
    np.exp: lambda g, x: g("Exp", x),
    np.expm1: _expm1,
    np.square: lambda g, x: g("Mul", x, x),
    np.sqrt: lambda g, x: g("Sqrt", x),
    np.log: lambda g, x: g("Log", x),
    np.negative: lambda g, x: g("Neg", x),
    np.reciprocal: lambda g, x: g("Div", g.constant(1), x),
}
