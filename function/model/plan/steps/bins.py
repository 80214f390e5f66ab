"""Assign values to bins, as a number or as an indicator column."""

import numpy as np

from function.model.plan.steps.prepared import Matrix, Prepared, check_width, refuse_not_finite
from function.model.plan.steps.structs import Bins


def bins(step: Bins, width: int) -> Prepared:
    """Prepare the search for bins."""
    check_width("bins", len(step.edges), width)
    edges = [np.array(column_edges, dtype=np.float64) for column_edges in step.edges]
    starts = np.cumsum([0, *(len(column_edges) + 1 for column_edges in edges)])
    size = int(starts[-1])

    def ordinal(x: Matrix) -> Matrix:
        refuse_not_finite(x)
        found = np.empty_like(x)
        for column, column_edges in enumerate(edges):
            found[:, column] = np.searchsorted(column_edges, x[:, column], side="right")
        return found

    def one_hot(x: Matrix) -> Matrix:
        found = np.zeros((len(x), size))
        np.put_along_axis(found, ordinal(x).astype(np.intp) + starts[:-1], 1.0, axis=1)
        return found

    return Prepared(one_hot, size) if step.one_hot else Prepared(ordinal, width)
