"""model_training/bundling/exact/trees: random ensembles, which guard a new version of ONNX Runtime."""

from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, Graph
from model_training.bundling.exact.trees.emit import INPUT, write_sums
from model_training.bundling.exact.trees.evaluation import sums
from model_training.bundling.exact.trees.structure import Ensemble, Numbers, Treatment, Tree, lone_leaf

TIMES = 40
SEEDS = range(10)
FEATURES = 5
ROWS = 60
CATEGORY = 4
"""The feature that holds categories."""
TREATMENTS: tuple[Treatment, ...] = ("truncate", "floor")


def random_tree(rng: np.random.Generator, outputs: int, *, vector: bool, single: bool) -> Tree:
    """Grow a tree: a lone leaf, a chain or a bush, with sets of none to hundreds of members."""
    size = int(rng.choice([0, 1, 3, 10, 40], p=[0.1, 0.1, 0.3, 0.4, 0.1]))
    chain = rng.random() < 0.2
    left, right = [-1], [-1]
    open_leaves = [0]
    for _ in range(size):
        node = open_leaves.pop() if chain else open_leaves.pop(int(rng.integers(len(open_leaves))))
        left[node], right[node] = len(left), len(left) + 1
        open_leaves += [left[node], right[node]]
        left += [-1, -1]
        right += [-1, -1]
    nodes = len(left)
    feature = rng.integers(FEATURES, size=nodes)
    value = rng.normal(size=(nodes, outputs if vector else 1)) * 10.0 ** rng.integers(-8, 3)
    threshold = rng.choice([*rng.normal(size=6), 0.0, -0.0, 1e8, 1e-30], size=nodes)
    if single:
        value, threshold = (numbers.astype(np.float32).astype(np.float64) for numbers in (value, threshold))
    inner = [node for node in range(nodes) if left[node] >= 0 and feature[node] == CATEGORY]
    return Tree(
        feature=feature,
        threshold=threshold,
        left=np.array(left),
        right=np.array(right),
        missing_left=rng.random(nodes) < 0.5,
        value=value,
        target=int(rng.integers(outputs)),
        sets={node: random_set(rng) for node in inner},
    )


def random_set(rng: np.random.Generator) -> frozenset[int]:
    """Draw the members of a set: few, many, and beyond what fits a machine word."""
    size = int(rng.choice([0, 1, 5, 31, 64, 300]))
    return frozenset(rng.integers(0, 700 if size > 31 else 40, size=size).tolist())


def random_ensemble(rng: np.random.Generator) -> Ensemble:
    """Draw an ensemble of any precision, with leaves of one value or vectors."""
    outputs, vector = int(rng.integers(1, 4)), bool(rng.random() < 0.3)
    single = bool(rng.random() < 0.3) and not vector
    trees = [random_tree(rng, outputs, vector=vector, single=single) for _ in range(int(rng.choice([1, 2, 7, 30])))]
    if not vector:
        trees.append(lone_leaf(0.125))
    return Ensemble(
        trees=tuple(trees),
        n_features=FEATURES,
        n_outputs=outputs,
        compare=np.float32 if single or rng.random() < 0.5 else np.float64,
        add=np.float32 if single else np.float64,
        treatments=("number", "number", "number", "number", TREATMENTS[int(rng.integers(2))]),
        missing=-999.0 if rng.random() < 0.2 else None,
        divisor=float(rng.integers(1, 4)) if not single else 1.0,
    )


def random_rows(rng: np.random.Generator, ensemble: Ensemble) -> Numbers:
    """Draw rows on and next to thresholds, missing and far away, with whole and odd categories."""
    edges = np.concatenate([tree.threshold for tree in ensemble.trees])
    near = rng.choice(edges, size=(ROWS, FEATURES))
    sides = rng.choice([-np.inf, 0.0, np.inf], size=near.shape)
    X = np.where(sides == 0, near, np.nextafter(near, sides))
    X = np.where(rng.random(X.shape) < 0.3, rng.normal(size=X.shape), X)
    X[:, CATEGORY] = rng.choice([*range(45), 300, 699, 3.4, -1.0, -0.5, 1e6], size=ROWS)
    X[rng.random(X.shape) < 0.1] = np.nan
    X[rng.random(X.shape) < 0.05] = -999.0
    return X


def run(ensemble: Ensemble, X: Numbers) -> Any:
    """Evaluate the graph, all rows at once and one by one."""
    g = Graph()
    total = write_sums(g, ensemble, g.input(INPUT, FEATURES))
    kind = FLOAT if ensemble.add is np.float32 else DOUBLE
    graph = g.model({"sums": (total, kind, [None, ensemble.n_outputs])})
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    together = session.run(None, {INPUT: X})[0]
    alone = np.concatenate([session.run(None, {INPUT: X[[row]]})[0] for row in range(5)])
    return np.asarray(together, np.float64), np.asarray(alone, np.float64)


@pytest.mark.parametrize("seed", SEEDS)
def test_graphs_add_up_as_the_plain_evaluator(seed: int) -> None:
    """Sums are the same to the last bit, for many rows and for one."""
    rng = np.random.default_rng(seed)
    for _ in range(TIMES):
        ensemble = random_ensemble(rng)
        X = random_rows(rng, ensemble)
        wanted = sums(ensemble, X)
        together, alone = run(ensemble, X)
        assert (together == wanted).all()
        assert (alone == wanted[:5]).all()
