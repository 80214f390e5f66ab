"""A plain evaluator of ensembles, in the order and the precision of their library."""

import numpy as np

from model_training.bundling.exact.trees.structure import Ensemble, Integers, Numbers, Tree

ZERO = float(np.float32(1e-35))
"""What LightGBM takes for zero is no larger."""


def sums(ensemble: Ensemble, X: Numbers) -> Numbers:
    """Evaluate an ensemble up to its link, [n, outputs]."""
    Z = prepare(ensemble, X)
    total = np.zeros((len(X), ensemble.n_outputs), dtype=ensemble.add)
    for tree in ensemble.trees:
        values = tree.value[leaf_of(tree, Z)].astype(ensemble.add)
        if values.shape[1] > 1:
            total += values
        else:
            total[:, tree.target] += values[:, 0]
    result = total.astype(np.float64)
    result = result * ensemble.scale if ensemble.scale != 1 else result
    result = result / ensemble.divisor if ensemble.divisor != 1 else result
    return result + np.array(ensemble.bias) if ensemble.bias else result


def prepare(ensemble: Ensemble, X: Numbers) -> Numbers:
    """Do to a matrix what happens before the trees; float32 values come back as double."""
    Z = X.astype(np.float64) if ensemble.order is None else X[:, list(ensemble.order)].astype(np.float64)
    for feature, values in ensemble.codes.items():
        Z[:, feature] = _coded(Z[:, feature], values)
    Z = np.where(Z == 0, np.nan, Z) if ensemble.absent_zeros else Z
    Z = Z.astype(ensemble.compare).astype(np.float64)
    if ensemble.missing is not None:
        marker = float(ensemble.compare(ensemble.missing))
        Z[marker == Z] = np.nan
    for feature, treatment in enumerate(ensemble.treatments or ()):
        if treatment == "floor":
            Z[:, feature] = np.floor(Z[:, feature])
        elif treatment == "truncate":
            Z[:, feature] = np.trunc(Z[:, feature])
        elif treatment == "zero-is-missing":
            Z[np.abs(Z[:, feature]) <= ZERO, feature] = np.nan
    return Z


def _coded(column: Numbers, values: tuple[float, ...]) -> Numbers:
    found = np.full(len(column), np.nan)
    for code, value in enumerate(values):
        found[column == value] = code
    return found


def leaf_of(tree: Tree, Z: Numbers) -> Integers:
    """Return the leaf of each prepared row, by its number among the nodes."""
    node = np.zeros(len(Z), dtype=np.int64)
    moving = np.flatnonzero(tree.left[node] >= 0)
    members = {number: np.array(sorted(chosen), dtype=np.float64) for number, chosen in tree.sets.items()}
    while len(moving):
        at = node[moving]
        x = Z[moving, tree.feature[at]]
        left = x <= tree.threshold[at]
        for number, chosen in members.items():
            here = at == number
            left[here] = np.isin(x[here], chosen)
        left = np.where(np.isnan(x), tree.missing_left[at], left)
        node[moving] = np.where(left, tree.left[at], tree.right[at])
        moving = moving[tree.left[node[moving]] >= 0]
    return node
