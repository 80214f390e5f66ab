"""Write nearest neighbours: distances to all fitted rows, the smallest of them, and what their targets are."""

from typing import Any

import numpy as np

from model_training.bundling.exact.estimators.context import Context
from model_training.bundling.exact.graph.builder import DOUBLE, Graph
from model_training.bundling.exact.graph.written import Written
from model_training.bundling.exact.refused import Refused

MAX_CELLS = 4_000_000
"""The most numbers among which neighbours are searched: each row of a request needs as many."""
POWERS = {"euclidean": 2, "l2": 2, "manhattan": 1, "l1": 1, "cityblock": 1}


def neighbors_classifier(context: Context, estimator: Any, x: str) -> Written:
    """Write the share of each class among the neighbours, and the most frequent one, or the first of equals."""
    g = context.graph
    targets = np.eye(len(estimator.classes_))[np.asarray(estimator._y).reshape(-1)]  # noqa: SLF001
    votes, total = _weighed(g, estimator, targets, x)
    shares = g("Div", votes, total)
    return Written(probabilities=shares, chosen=context.largest(votes))


def neighbors_regressor(context: Context, estimator: Any, x: str) -> Written:
    """Write the mean of the neighbours' values."""
    targets = np.asarray(estimator._y, dtype=np.float64).reshape(-1, 1)  # noqa: SLF001
    values, total = _weighed(context.graph, estimator, targets, x)
    return Written(values=context.graph("Div", values, total))


def _weighed(g: Graph, estimator: Any, targets: Any, x: str) -> tuple[str, str]:
    """Return the weighted sums of the neighbours' targets, [n, width], and of their weights, [n, 1]."""
    fitted = estimator._fit_X  # noqa: SLF001
    if not isinstance(fitted, np.ndarray) or len(targets) != len(fitted):
        raise Refused("neighbours of sparse rows, or with several targets")
    if fitted.size > MAX_CELLS:
        raise Refused(f"neighbours among {fitted.size} numbers; {MAX_CELLS} are allowed")
    if estimator.weights not in ("uniform", "distance"):
        raise Refused("neighbours with weights of your own")
    distances, places = _nearest(g, fitted, _power(estimator), estimator.n_neighbors, x)
    found = g("Gather", g.constant(targets), places, axis=0)
    weights = _inverse(g, distances) if estimator.weights == "distance" else _ones(g, distances)
    axes = g.constant([1], np.int64)
    column = g("Unsqueeze", weights, g.constant([2], np.int64))
    return g("ReduceSum", g("Mul", found, column), axes, keepdims=0), g("ReduceSum", weights, axes, keepdims=1)


def _power(estimator: Any) -> int:
    """Return 2 for the Euclidean distance, 1 for that of Manhattan."""
    metric = estimator.effective_metric_
    power = POWERS.get(metric) if isinstance(metric, str) else None
    if power is None or estimator.effective_metric_params_.get("w") is not None:
        raise Refused("neighbours by another distance than the Euclidean one or that of Manhattan")
    return power


def _nearest(g: Graph, fitted: Any, power: int, count: int, x: str) -> tuple[str, str]:
    """Return the distances and the positions of the nearest rows, [n, count]."""
    differences = g("Sub", g("Unsqueeze", x, g.constant([1], np.int64)), g.constant(fitted[np.newaxis]))
    sizes = g("Mul", differences, differences) if power == POWERS["l2"] else g("Abs", differences)
    sums = g("ReduceSum", sizes, g.constant([2], np.int64), keepdims=0)
    nearest, places = g.both("TopK", sums, g.constant([count], np.int64), axis=1, largest=0)
    return (g("Sqrt", nearest) if power == POWERS["l2"] else nearest), places


def _ones(g: Graph, distances: str) -> str:
    return g.cast(g("GreaterOrEqual", distances, g.constant(0)), DOUBLE)


def _inverse(g: Graph, distances: str) -> str:
    """Weigh by the inverse of the distance; if rows are at no distance, they alone count."""
    zero = g.constant(0)
    at_none = g.cast(g("Equal", distances, zero), DOUBLE)
    any_at_none = g("Greater", g.total(at_none), zero)
    return g("Where", any_at_none, at_none, g("Div", g.constant(1), distances))
