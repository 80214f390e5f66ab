"""Write a classifier for each class against the rest."""

from typing import Any

import numpy as np

from model_training.bundling.exact.estimators.context import Context, needed
from model_training.bundling.exact.graph.written import Written
from model_training.bundling.exact.refused import Refused

HALF = 0.5


def one_vs_rest(context: Context, estimator: Any, x: str) -> Written:
    """Write all parts; of equal ones the first is chosen, as their shares are of their sum."""
    if estimator.multilabel_:
        raise Refused("several labels for a row")
    g = context.graph
    parts = [context.part(part, x) for part in estimator.estimators_]
    if len(parts) == 1:
        return _lone(context, parts[0])
    if all(hasattr(part, "decision_function") for part in estimator.estimators_):
        scores = [needed(part.scores, "scores") for part in parts]
    else:
        scores = [g.gather(needed(part.probabilities, "probabilities"), [1]) for part in parts]
    chosen = context.largest(g("Concat", *scores, axis=1))
    if not all(hasattr(part, "predict_proba") for part in estimator.estimators_):
        return Written(chosen=chosen)
    each = g("Concat", *(g.gather(needed(part.probabilities, "probabilities"), [1]) for part in parts), axis=1)
    total = g("ReduceSum", each, g.constant([1], np.int64), keepdims=1)
    nothing = g("Equal", total, g.constant(0))
    return Written(probabilities=g("Div", each, g("Where", nothing, g.constant(1), total)), chosen=chosen)


def _lone(context: Context, part: Written) -> Written:
    """Write two classes, of which one part tells the second; its own rule for the label may differ at the edge."""
    if part.scores is not None:
        return part._replace(chosen=context.above(part.scores))
    second = context.graph.gather(needed(part.probabilities, "probabilities"), [1])
    return part._replace(chosen=context.above(second, HALF))
