"""Write linear models into a graph, where they are parts of others."""

from typing import Any

import numpy as np

from function.model.plan.structs import Linear
from model_training.bundling.exact.estimators.context import Context
from model_training.bundling.exact.graph.builder import DOUBLE, Graph
from model_training.bundling.exact.graph.links import both, logistic_of_each, softmax
from model_training.bundling.exact.graph.written import Written
from model_training.bundling.exact.linear.scikit_learn import read_linear


def write_linear(context: Context, estimator: Any, x: str) -> Written:
    """Write the product with the coefficients, the link and the label."""
    g, linear = context.graph, read_linear(estimator)
    weights = np.array(linear.coefficients, dtype=np.float64).T
    scores = g("Add", g("MatMul", x, g.constant(weights)), g.constant(linear.intercept))
    if linear.classes is None:
        return Written(values=g("Exp", scores) if linear.link == "exp" else scores)
    chosen = context.above(scores) if weights.shape[1] == 1 else context.largest(scores)
    probabilities = None if linear.link == "identity" else link_probabilities(g, linear, scores)
    return Written(scores, probabilities, chosen)


def link_probabilities(g: Graph, linear: Linear, scores: str) -> str:
    """Write the probabilities, [n, classes], of scores, [n, scores], by a link that has them."""
    if linear.link == "softmax":
        return softmax(g, scores, 1.0, False)  # noqa: FBT003 (a Writer)
    if linear.link == "modified-huber":
        clipped = g("Min", g("Max", scores, g.constant(-1)), g.constant(1))
        each = g("Div", g("Add", clipped, g.constant(1)), g.constant(2))
    else:
        each = logistic_of_each(g, scores, 1.0, False)  # noqa: FBT003 (a Writer)
    return both(g, each) if len(linear.coefficients) == 1 else shares(g, each, len(linear.coefficients))


def shares(g: Graph, each: str, classes: int) -> str:
    """Divide each row by its sum; a row of zeros becomes equal shares."""
    total = g.total(each)
    nothing = g("Equal", total, g.constant(0))
    equal = g.constant(np.full((1, classes), 1 / classes), np.float64)
    return g("Where", nothing, equal, g("Div", each, g("Where", nothing, g.constant(1), total)))


def as_double(g: Graph, chosen: str) -> str:
    """Turn positions, [n] of int64, into a column of numbers."""
    return g.column(g.cast(chosen, DOUBLE))
