"""B-splines by de Boor's recursion, in the order of `function/model/plan/steps/spline.py`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from function.model.plan.steps.structs import Spline
from model_training.bundling.exact.graph.builder import INT64, Graph


def write_splines(g: Graph, step: Spline, columns: Sequence[str]) -> list[str]:
    """Write the splines of each column, [n, 1]: [n, kept splines]."""
    return [
        _splines(g, step, np.array(knots, dtype=np.float64), x) for x, knots in zip(columns, step.knots, strict=True)
    ]


def _splines(g: Graph, step: Spline, knots: Any, x: str) -> str:
    degree, count = step.degree, len(knots) - step.degree - 1
    absent = g("IsNaN", x)
    x = g("Where", absent, g.constant(knots[degree]), x)
    if step.clamp:
        x = g("Min", g("Max", x, g.constant(knots[degree])), g.constant(knots[count]))
    interval = _interval(g, x, knots[degree + 1 : count], degree)
    found = _placed(g, _not_zero(g, x, knots, degree, interval), interval, degree, count if step.bias else count - 1)
    return g("Where", absent, g.constant(0), found)


def _interval(g: Graph, x: str, edges: Any, degree: int) -> str:
    """Count the inner knots that a value has reached: [n, 1] of int64."""
    reached = g.cast(g("GreaterOrEqual", x, g.constant(edges.reshape(1, -1))), INT64)
    return g("Add", g.total(reached), g.constant(degree, np.int64))


def _not_zero(g: Graph, x: str, knots: Any, degree: int, interval: str) -> list[str]:
    """Write the degree + 1 splines that are not zero in each value's interval, [n, 1] each."""
    zero = g.constant(0)

    def knot(offset: int) -> str:
        return g("Gather", g.constant(knots), g("Add", interval, g.constant(offset, np.int64)), axis=0)

    values = [g("Add", g("Mul", x, zero), g.constant(1))]
    for of_degree in range(1, degree + 1):
        below, values = values, [zero]
        for n in range(1, of_degree + 1):
            high, low = knot(n), knot(n - of_degree)
            width = g("Sub", high, low)
            nothing = g("Equal", high, low)
            weight = g("Where", nothing, zero, g("Div", below[n - 1], g("Where", nothing, g.constant(1), width)))
            values[n - 1] = g("Add", values[n - 1], g("Mul", weight, g("Sub", high, x)))
            values.append(g("Mul", weight, g("Sub", x, low)))
    return values


def _placed(g: Graph, values: Sequence[str], interval: str, degree: int, kept: int) -> str:
    """Write each value into the column of its spline, [n, kept]; the others are 0."""
    found = g.constant(0)
    for place, value in enumerate(values):
        column = g("Add", interval, g.constant(place - degree, np.int64))
        here = g("Equal", column, g.constant([range(kept)], np.int64))
        found = g("Where", here, value, found)
    return found
