"""Write AdaBoost's classifier: each part votes with its weight."""

from typing import Any

import numpy as np

from model_training.bundling.exact.estimators.context import Context, check_classes, needed
from model_training.bundling.exact.graph.links import softmax
from model_training.bundling.exact.graph.written import Written

BINARY = 2


def ada_boost(context: Context, estimator: Any, x: str) -> Written:
    """Write the sum of votes, what it is of all weights, and its softmax."""
    g, classes = context.graph, len(estimator.classes_)
    terms = []
    for part, weight in zip(estimator.estimators_, estimator.estimator_weights_, strict=False):
        check_classes(part, estimator.classes_)
        mine = context.is_class(needed(context.part(part, x).chosen, "labels"), classes)
        terms.append(g("Where", mine, g.constant(float(weight)), g.constant(-1 / (classes - 1) * float(weight))))
    votes = g("Div", context.added(terms), g.constant(float(estimator.estimator_weights_.sum())))
    if classes > BINARY:
        each = g("Div", votes, g.constant(float(classes - 1)))
        return Written(votes, softmax(g, each, 1.0, False), context.largest(votes))  # noqa: FBT003 (a Writer)
    lone = g.total(g("Mul", votes, g.constant(np.array([[-1.0, 1.0]]))))
    each = g("Div", g("Concat", g("Neg", lone), lone, axis=1), g.constant(2))
    return Written(lone, softmax(g, each, 1.0, False), context.above(lone))  # noqa: FBT003 (a Writer)
