"""Write calibrated classifiers: sigmoid, isotonic and temperature."""

from typing import Any

import numpy as np

from model_training.bundling.exact.estimators.context import Context, check_classes, needed
from model_training.bundling.exact.estimators.linear import shares
from model_training.bundling.exact.graph.builder import DOUBLE, INT64, Graph
from model_training.bundling.exact.graph.links import both, logistic_of_each, softmax
from model_training.bundling.exact.graph.written import Written
from model_training.bundling.exact.refused import Refused

BINARY = 2
EPSILON = 1e-12
"""Added to probabilities before their logarithm is taken."""
MAX_STEPS = 5000


def calibrated(context: Context, estimator: Any, x: str) -> Written:
    """Write the mean of what each calibrated part predicts."""
    parts = [_one(context, part, x) for part in estimator.calibrated_classifiers_]
    mean = context.mean(parts)
    return Written(probabilities=mean, chosen=context.largest(mean))


def _one(context: Context, part: Any, x: str) -> str:
    check_classes(part.estimator, part.classes)
    g, classes = context.graph, len(part.classes)
    written = context.part(part.estimator, x, single=part.method == "sigmoid")
    if written.single:  # The coefficients of a sigmoid are doubles.
        written = written._replace(probabilities=g.cast(needed(written.probabilities, "probabilities"), DOUBLE))
    if part.method == "temperature":
        return _temperature(g, written, part.calibrators[0], classes)
    scores = written.scores or needed(written.probabilities, "scores or probabilities")
    if written.scores is None and classes == BINARY:
        scores = g.gather(scores, [1])
    each = [
        _calibrator(g, part.method, calibrator, g.gather(scores, [place]))
        for place, calibrator in enumerate(part.calibrators)
    ]
    return both(g, each[0]) if classes == BINARY else shares(g, g("Concat", *each, axis=1), classes)


def _calibrator(g: Graph, method: str, calibrator: Any, x: str) -> str:
    if method == "isotonic":
        return _isotonic(g, calibrator, x)
    line = g("Add", g("Mul", x, g.constant(float(calibrator.a_))), g.constant(float(calibrator.b_)))
    return logistic_of_each(g, g("Neg", line), 1.0, False)  # noqa: FBT003 (a Writer)


def _temperature(g: Graph, written: Written, calibrator: Any, classes: int) -> str:
    if written.scores is None:
        logits = g("Log", g("Add", needed(written.probabilities, "probabilities"), g.constant(EPSILON)))
    elif classes == BINARY:
        logits = g("Concat", g("Neg", written.scores), written.scores, axis=1)
    else:
        logits = written.scores
    return softmax(g, g("Mul", logits, g.constant(float(calibrator.beta_))), 1.0, False)  # noqa: FBT003 (a Writer)


def _isotonic(g: Graph, calibrator: Any, x: str) -> str:
    """Write linear interpolation as numpy does it; beyond the ends the values are those of the ends."""
    at, values = (np.asarray(known, dtype=np.float64) for known in (calibrator.X_thresholds_, calibrator.y_thresholds_))
    if calibrator.out_of_bounds != "clip" or len(at) > MAX_STEPS:
        raise Refused("isotonic calibration that does not clip, or has too many steps")
    if len(at) == 1:
        return g("Add", g("Mul", x, g.constant(0)), g.constant(values[0]))
    clipped = g("Min", g("Max", x, g.constant(at[0])), g.constant(at[-1]))
    reached = g.cast(g("GreaterOrEqual", clipped, g.constant(at[1:-1].reshape(1, -1))), INT64)
    place = g("ReduceSum", reached, g.constant([1], np.int64), keepdims=1)
    slopes = np.diff(values) / np.diff(at)
    slope, start, low = (g("Gather", g.constant(known), place, axis=0) for known in (slopes, at[:-1], values[:-1]))
    inner = g("Add", g("Mul", slope, g("Sub", clipped, start)), low)
    return g("Where", g("GreaterOrEqual", clipped, g.constant(at[-1])), g.constant(values[-1]), inner)
