"""Write an ensemble into an ONNX graph: sums, probabilities or values, and the class."""

from dataclasses import replace

import numpy as np
import onnx

from model_training.bundling.exact.graph.builder import INT64, Graph
from model_training.bundling.exact.graph.links import LINKS
from model_training.bundling.exact.graph.written import Written, close, label_index
from model_training.bundling.exact.trees.operator import write_operator
from model_training.bundling.exact.trees.preparation import write_preparation
from model_training.bundling.exact.trees.structure import Ensemble, Numbers, Tree

BATCH_BYTES = 64 * 2**20
INDEX_BYTES, NUMBER_BYTES = 20, 8
INPUT = "X"


def emit(ensemble: Ensemble) -> onnx.ModelProto:
    """Write an ensemble as a graph of its own: `X` double [n, n_features] to `label` and, for classes, `answers`."""
    g = Graph()
    return close(g, write_ensemble(g, ensemble, g.input(INPUT, ensemble.n_features)), ensemble.classes)


def write_ensemble(g: Graph, ensemble: Ensemble, x: str) -> Written:
    """Write an ensemble over a matrix of double, [n, n_features]; its scores are its sums."""
    total = write_sums(g, ensemble, x)
    single = ensemble.add is np.float32
    answers = LINKS[ensemble.link.kind](g, total, ensemble.link.slope, single)
    single = single and ensemble.link.kind != "hinge"
    if ensemble.classes is None:
        return Written(values=answers, single=single, width=ensemble.n_outputs)
    index = label_index(g, ensemble.rule, total, answers, ensemble.add)
    return Written(total, answers, index, single=single)


def write_sums(g: Graph, ensemble: Ensemble, x: str) -> str:
    """Write an ensemble up to its link, [n, outputs]; leaves that are vectors are gathered by their numbers."""
    total = _gathered(g, ensemble, x) if ensemble.has_vectors else _added(g, ensemble, x)
    if ensemble.scale != 1:
        total = g("Mul", total, g.constant(ensemble.scale))
    if ensemble.divisor != 1:
        total = g("Div", total, g.constant(ensemble.divisor))
    return g("Add", total, g.constant(ensemble.bias)) if ensemble.bias else total


def batch_rows(ensemble: Ensemble) -> int:
    """Return how many rows fit the memory of one batch: numbers of leaves take space for each tree."""
    if not ensemble.has_vectors:
        return BATCH_BYTES // (NUMBER_BYTES * max(1, ensemble.n_features + 2 * ensemble.n_outputs))
    return max(1, BATCH_BYTES // (len(ensemble.trees) * (INDEX_BYTES + NUMBER_BYTES * ensemble.n_outputs)))


def _added(g: Graph, ensemble: Ensemble, x: str) -> str:
    single = ensemble.add is np.float32
    x = write_preparation(g, ensemble, x, single=single)
    trees = ensemble.trees
    weights = [tree.value[tree.leaves, 0] for tree in trees]
    return write_operator(g, trees, [tree.target for tree in trees], weights, ensemble.n_outputs, x, single=single)


def _gathered(g: Graph, ensemble: Ensemble, x: str) -> str:
    """Let the operator return the number of each tree's leaf; gather the vectors, and add them up.

    Where values are compared as float32, thresholds can be: x <= t is x <= the largest float32 that is at most t.
    """
    single = ensemble.compare is np.float32
    x = write_preparation(g, ensemble, x, single=single)
    trees = [_with_outputs(tree, ensemble.n_outputs) for tree in ensemble.trees]
    if single:
        trees = [replace(tree, threshold=floor_to_float32(tree.threshold)) for tree in trees]
    sizes = [len(tree.leaves) for tree in trees]
    numbers = [np.arange(size, dtype=np.float64) for size in sizes]
    ids = write_operator(g, trees, range(len(trees)), numbers, len(trees), x, single=single)
    places = g("Add", g.cast(ids, INT64), g.constant(np.cumsum([0, *sizes[:-1]]), np.int64))
    values = np.concatenate([tree.value[tree.leaves] for tree in trees]).astype(ensemble.add)
    vectors = g("Gather", g.constant(values, ensemble.add), places, axis=0)
    return g("ReduceSum", vectors, g.constant([1], np.int64), keepdims=0)


def _with_outputs(tree: Tree, outputs: int) -> Tree:
    """Widen leaves of one value to vectors, so that all trees of a sum are alike."""
    if tree.value.shape[1] == outputs:
        return tree
    value = np.zeros((len(tree.value), outputs))
    value[:, tree.target] = tree.value[:, 0]
    return replace(tree, value=value)


def floor_to_float32(values: Numbers) -> Numbers:
    """Round down to float32."""
    near = values.astype(np.float32)
    with np.errstate(over="ignore"):
        below = np.nextafter(near, np.float32(-np.inf))
    return np.where(near > values, below, near).astype(np.float64)
