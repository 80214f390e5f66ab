"""Write the transformers of numbers before a part: those that are plain arithmetic."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from function.model.plan.steps import structs
from model_training.bundling.exact.encoders.numbers import number_steps
from model_training.bundling.exact.graph.builder import DOUBLE, Graph
from model_training.bundling.exact.refused import Refused

OPERATORS = {"add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div"}


def write_transformers(g: Graph, transformers: Sequence[Any], width: int, x: str) -> str:
    """Write transformers over a matrix of a width.

    Raises:
        Refused: one of them is more than arithmetic.
    """
    steps, _ = number_steps(transformers, np.full((1, width), 0.5))
    return write_steps(g, steps, x)


def write_steps(g: Graph, steps: Sequence[structs.Step], x: str) -> str:
    """Write steps over a matrix.

    Raises:
        Refused: one of them is more than arithmetic.
    """
    for step in steps:
        writer = WRITERS.get(type(step))
        if writer is None:
            raise Refused(f"{type(step).__name__.lower()} inside a part")
        x = writer(g, step, x)
    return x


def _impute(g: Graph, step: structs.Impute, x: str) -> str:
    absent = g("IsNaN", x) if step.marker is None else g("Equal", x, g.constant(step.marker))
    return g("Where", absent, g.constant(step.values), x)


def _union(g: Graph, step: structs.Union, x: str) -> str:
    parts = [write_steps(g, branch.steps, g.gather(x, branch.columns)) for branch in step.branches]
    return g("Concat", *parts, axis=1)


WRITERS: dict[type, Callable[[Graph, Any, str], str]] = {
    structs.Arithmetic: lambda g, step, x: g(OPERATORS[step.operator], x, g.constant(step.values)),
    structs.Clip: lambda g, step, x: g("Min", g("Max", x, g.constant(step.low)), g.constant(step.high)),
    structs.Threshold: lambda g, step, x: g.cast(g("Greater", x, g.constant(step.value)), DOUBLE),
    structs.Select: lambda g, step, x: g.gather(x, step.columns),
    structs.Impute: _impute,
    structs.Union: _union,
}
