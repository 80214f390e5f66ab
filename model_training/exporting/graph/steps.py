"""The steps of a plan, in the order of numpy's arithmetic in `function/model/plan/steps/`."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from function.model.plan.steps import structs
from function.model.plan.steps.power import EPSILON, TINY_POWER
from function.model.plan.steps.sequence import sequence
from model_training.bundling.exact.estimators.steps import WRITERS as ARITHMETIC
from model_training.bundling.exact.graph.builder import DOUBLE, Graph
from model_training.exporting.graph.functions import FUNCTIONS, expm1, log1p
from model_training.exporting.graph.splines import write_splines

Writer = Callable[[Graph, Any, str, int], str]
"""Write a step over a matrix, [n, width]."""


def write_steps(g: Graph, steps: Sequence[structs.Step], x: str, width: int) -> str:
    """Write steps, one after the other, over a matrix, [n, width]."""
    for step in steps:
        x = WRITERS[type(step)](g, step, x, width)
        width = sequence([step], width)[0].width
    return x


def _columns(g: Graph, x: str, width: int) -> list[str]:
    return [g.gather(x, [column]) for column in range(width)]


def _side_by_side(g: Graph, parts: Sequence[str], x: str) -> str:
    return g("Concat", *parts, axis=1) if parts else g.gather(x, [])


def _indicate(g: Graph, step: structs.Indicate, x: str, _: int) -> str:
    absent = g("IsNaN", x) if step.marker is None else g("Equal", x, g.constant(step.marker))
    return g.cast(g.gather(absent, step.columns), DOUBLE)


def _polynomial(g: Graph, step: structs.Polynomial, x: str, width: int) -> str:
    """Multiply each column with the products of the degree below that contain no earlier column."""
    blocks, starts = ([x] if step.highest else []), list(range(width + 1))
    for _ in range(2, step.highest + 1):
        first: list[int] = []
        second: list[int] = []
        counts = [0]
        for column, (start, after) in enumerate(pairwise(starts)):
            chosen = range(after if step.interaction_only else start, starts[-1])
            first += chosen
            second += [column] * len(chosen)
            counts.append(counts[-1] + len(chosen))
        blocks.append(g("Mul", g.gather(blocks[-1], first), g.gather(x, second)))
        starts = counts
    kept = blocks[max(1, step.lowest) - 1 :]
    if step.bias:
        ones = g("Add", g("Mul", g.gather(x, [0]), g.constant(0)), g.constant(1))
        kept = [ones, *kept]
    return _side_by_side(g, kept, x)


def _bins(g: Graph, step: structs.Bins, x: str, width: int) -> str:
    parts = []
    for column, edges in zip(_columns(g, x, width), step.edges, strict=True):
        reached = g.cast(g("GreaterOrEqual", column, g.constant(np.reshape(edges, (1, -1)))), DOUBLE)
        number = g.total(reached)
        parts.append(
            g.cast(g("Equal", number, g.constant([range(len(edges) + 1)])), DOUBLE) if step.one_hot else number
        )
    return _side_by_side(g, parts, x)


def _power(g: Graph, step: structs.Power, x: str, width: int) -> str:
    transform = _box_cox if step.method == "box-cox" else _yeo_johnson
    columns = zip(_columns(g, x, width), step.powers, strict=True)
    return _side_by_side(g, [transform(g, column, power) for column, power in columns], x)


def _box_cox(g: Graph, x: str, power: float) -> str:
    logarithm = g("Log", x)
    if abs(power) < TINY_POWER:
        return logarithm
    return g("Div", expm1(g, g("Mul", g.constant(power), logarithm)), g.constant(power))


def _yeo_johnson(g: Graph, x: str, power: float) -> str:
    zero = g.constant(0)
    above = log1p(g, g("Where", g("GreaterOrEqual", x, zero), x, zero))
    below = log1p(g, g("Where", g("Less", x, zero), g("Neg", x), zero))
    if abs(power) >= EPSILON:
        above = g("Div", expm1(g, g("Mul", g.constant(power), above)), g.constant(power))
    if abs(power - 2) > EPSILON:
        below = g("Div", expm1(g, g("Mul", g.constant(2 - power), below)), g.constant(2 - power))
    side = g("Where", g("GreaterOrEqual", x, zero), above, g("Neg", below))
    return g("Where", g("IsNaN", x), g.constant(np.nan), side)


def _normalize(g: Graph, step: structs.Normalize, x: str, _: int) -> str:
    if step.norm == "max":
        norms = g("ReduceMax", g("Abs", x), g.constant([1], np.int64), keepdims=1)
    elif step.norm == "l1":
        norms = g.total(g("Abs", x))
    else:
        norms = g("Sqrt", g.total(g("Mul", x, x)))
    return g("Div", x, g("Where", g("Less", norms, g.constant(10 * EPSILON)), g.constant(1), norms))


def _union(g: Graph, step: structs.Union, x: str, _: int) -> str:
    parts = [write_steps(g, branch.steps, g.gather(x, branch.columns), len(branch.columns)) for branch in step.branches]
    return _side_by_side(g, parts, x)


def _arithmetic(kind: type) -> Writer:
    writer = ARITHMETIC[kind]
    return lambda g, step, x, _: writer(g, step, x)


WRITERS: dict[type, Writer] = {
    **{kind: _arithmetic(kind) for kind in ARITHMETIC},
    structs.Union: _union,
    structs.Indicate: _indicate,
    structs.Polynomial: _polynomial,
    structs.Bins: _bins,
    structs.Spline: lambda g, step, x, width: _side_by_side(g, write_splines(g, step, _columns(g, x, width)), x),
    structs.Apply: lambda g, step, x, _: FUNCTIONS[step.name](g, x),
    structs.Power: _power,
    structs.Normalize: _normalize,
}
