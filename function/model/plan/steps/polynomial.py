"""Multiply columns with one another, in the order of scikit-learn's PolynomialFeatures."""

from itertools import pairwise
from math import comb

import numpy as np

from function.model.plan.errors import BadPlan
from function.model.plan.steps.prepared import Matrix, Prepared, refuse_not_finite
from function.model.plan.steps.structs import Polynomial

MAX_TERMS = 100_000


def polynomial(step: Polynomial, width: int) -> Prepared:
    """Prepare the products up to a degree."""
    counts = [terms(width, degree, interaction_only=step.interaction_only) for degree in range(step.highest + 1)]
    if sum(counts) > MAX_TERMS or step.lowest > step.highest:
        raise BadPlan(f"polynomial has {sum(counts)} terms; {MAX_TERMS} are allowed")
    first = sum(counts[: max(1, step.lowest)])

    def apply(x: Matrix) -> Matrix:
        refuse_not_finite(x)
        products = np.hstack(_products(x, step.highest, interaction_only=step.interaction_only))
        kept = products[:, first - 1 :]
        return np.hstack([np.ones((len(x), 1)), kept]) if step.bias else kept

    return Prepared(apply, sum(counts) - first + step.bias)


def terms(width: int, degree: int, *, interaction_only: bool) -> int:
    """Count the products of one degree."""
    return comb(width, degree) if interaction_only else comb(width + degree - 1, degree) if width else int(degree == 0)


def _products(x: Matrix, highest: int, *, interaction_only: bool) -> list[Matrix]:
    """Multiply each column with those products of the degree below that contain no earlier column."""
    blocks = [x] if highest else [x[:, :0]]
    starts = list(range(x.shape[1] + 1))
    for _ in range(2, highest + 1):
        before, pieces, counts = blocks[-1], [], [0]
        for column, (start, after) in enumerate(pairwise(starts)):
            piece = before[:, after if interaction_only else start :] * x[:, [column]]
            pieces.append(piece)
            counts.append(counts[-1] + piece.shape[1])
        blocks.append(np.hstack(pieces) if pieces else x[:, :0])
        starts = counts
    return blocks
