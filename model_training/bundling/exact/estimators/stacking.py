"""Write stacking: the predictions of parts are what the last estimator sees."""

from typing import Any

from model_training.bundling.exact.estimators.context import Context, needed
from model_training.bundling.exact.estimators.linear import as_double
from model_training.bundling.exact.graph.written import Written

BINARY = 2


def stacking(context: Context, estimator: Any, x: str) -> Written:
    """Write the parts, their predictions side by side, and the last estimator."""
    classes = getattr(estimator, "classes_", None)
    columns = [
        _column(context, part, method, x, classes)
        for part, method in zip(estimator.estimators_, estimator.stack_method_, strict=True)
    ]
    if estimator.passthrough:
        columns.append(x)
    joined = context.graph("Concat", *columns, axis=1)
    return context.part(estimator.final_estimator_, joined)


def _column(context: Context, part: Any, method: str, x: str, classes: Any) -> str:
    """Write what one part adds; of two probabilities the second is enough."""
    g, written = context.graph, context.part(part, x)
    if method == "predict_proba":
        probabilities = needed(written.probabilities, "probabilities")
        return g.gather(probabilities, [1]) if len(classes) == BINARY else probabilities
    if method == "decision_function":
        return needed(written.scores, "scores")
    return written.values if classes is None and written.values else as_double(g, needed(written.chosen, "labels"))
