"""Values at which a comparison could change: an edge and its neighbours in double and in float32."""

import numpy as np

from model_training.bundling.exact.proof.structure.nodes import Numbers

LARGEST = 3e38
"""Beyond it there is no float32."""
OTHERS = (np.nan, 0.0, -0.0, -1.0, 1e30, -1e30)


def neighbours(edges: Numbers) -> Numbers:
    """Return each edge with its neighbours, and those of the float32 next to it, along a new last axis."""
    low, high = np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)
    inside = np.where(np.abs(edges) < LARGEST, edges, 0.0)
    single = inside.astype(np.float32)
    around_single = [np.nextafter(single, np.float32(side * np.inf)).astype(np.float64) for side in (-1, 1)]
    # Halfway to the next float32 is where rounding changes.
    halves = [single.astype(np.float64) / 2 + other / 2 for other in around_single]
    return np.stack([edges, low, high, single.astype(np.float64), *around_single, *halves], axis=-1)


def around(edges: Numbers) -> Numbers:
    """Return for each row of edges, [n, m], the values at which it must be asked; infinities are left out."""
    found = neighbours(edges).reshape(len(edges), -1)
    others = np.broadcast_to(np.array(OTHERS), (len(edges), len(OTHERS)))
    values = np.concatenate([found, others], axis=1)
    return np.where(np.isinf(values), 0.0, values)
