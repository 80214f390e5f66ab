"""Check and prepare steps, in sequence or side by side."""

from collections.abc import Callable, Sequence

import numpy as np

from function.model.plan.errors import BadPlan
from function.model.plan.steps import structs
from function.model.plan.steps.prepared import Matrix, Prepared, check_columns

MAX_WIDTH = 100_000
MAX_DEPTH = 16


def sequence(steps: Sequence[structs.Step], width: int, depth: int = 0) -> tuple[Prepared, int]:
    """Prepare steps for matrices of a width; return them as one step, with the maximum numbers per row meanwhile.

    Raises:
        BadPlan: a step does not fit the one before it, or is too wide.
    """
    if depth > MAX_DEPTH:
        raise BadPlan(f"steps are nested more than {MAX_DEPTH} levels deep")
    applied: list[Callable[[Matrix], Matrix]] = []
    widest = width
    for step in steps:
        prepared, inside = _prepare(step, width, depth)
        if prepared.width > MAX_WIDTH:
            raise BadPlan(f"a step makes {prepared.width} columns; {MAX_WIDTH} are allowed")
        applied.append(prepared.apply)
        widest = max(widest, width + inside, width + prepared.width)
        width = prepared.width

    def apply(x: Matrix) -> Matrix:
        for step in applied:
            x = step(x)
        return x

    return Prepared(apply, width), widest


def _prepare(step: structs.Step, width: int, depth: int) -> tuple[Prepared, int]:
    # Imported here, because plans of categories alone have no steps.
    from function.model.plan.steps.table import PREPARE

    if isinstance(step, structs.Union):
        return _union(step, width, depth)
    prepared = PREPARE[type(step)](step, width)
    # Products and bins need a copy of their result while they compute.
    return prepared, 2 * prepared.width


def _union(step: structs.Union, width: int, depth: int) -> tuple[Prepared, int]:
    branches: list[tuple[list[int], Prepared]] = []
    inside = 0
    for branch in step.branches:
        check_columns("union", branch.columns, width)
        prepared, widest = sequence(branch.steps, len(branch.columns), depth + 1)
        branches.append((list(branch.columns), prepared))
        inside += widest

    def apply(x: Matrix) -> Matrix:
        return np.hstack([prepared.apply(x[:, columns]) for columns, prepared in branches]) if branches else x[:, :0]

    total = sum(prepared.width for _, prepared in branches)
    return Prepared(apply, total), inside + total
