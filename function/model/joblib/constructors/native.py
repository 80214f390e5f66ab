"""Build scikit-learn's Cython objects, after checking the state that they would trust.

Each object is checked by itself. Whether it fits the other objects is not checked: see SECURITY.md.
"""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from function.model.joblib.constructors.soundness import check_branches, within
from function.model.joblib.constructors.tokens import Pending, Token, class_of, require, set_state

_OTHER_ROWS = "has a neighbours' tree whose rows do not match its state"

_NEIGHBOURS = {
    *(Token("sklearn.neighbors._ball_tree", name) for name in ("BallTree", "BallTree32", "BallTree64")),
    *(Token("sklearn.neighbors._kd_tree", name) for name in ("KDTree", "KDTree32", "KDTree64")),
}
_METRICS = (
    *("BrayCurtis", "Canberra", "Chebyshev", "Dice", "Euclidean", "Hamming", "Haversine", "Jaccard", "Kulsinski"),
    *("Mahalanobis", "Manhattan", "Matching", "Minkowski", "RogersTanimoto", "RussellRao", "SEuclidean"),
    *("SokalMichener", "SokalSneath"),
)
# PyFuncDistance is missing on purpose: it calls a function from the file.
_DISTANCES = {Token("sklearn.metrics._dist_metrics", f"{name}Distance{bits}") for name in _METRICS for bits in (32, 64)}
_MULTINOMIAL_LOSS = Token("sklearn._loss._loss", "CyHalfMultinomialLoss")
CLASSES = _NEIGHBOURS | _DISTANCES | {_MULTINOMIAL_LOSS}
"""The classes that a pickle passes to the constructors below."""


def begin_tree(features: Any, classes: Any, outputs: Any) -> Pending:
    """Begin `sklearn.tree._tree.Tree(n_features, n_classes, n_outputs)`, n_classes being an array of [n_outputs]."""
    require(type(features) is int and type(outputs) is int and outputs > 0, "has a tree of no size")
    known = isinstance(classes, np.ndarray) and classes.dtype == np.intp and classes.shape == (outputs,)
    require(known and classes.min() > 0, "has a tree whose number of outputs does not match its state")
    from sklearn.tree._tree import Tree

    return Pending(partial(_tree, Tree(features, classes, outputs), features))


def _tree(tree: Any, features: int, state: Any) -> Any:
    """State: {"max_depth", "node_count", "nodes": records, "values"}. A node's children come after it."""
    nodes, count = state["nodes"], state["node_count"]
    require(isinstance(nodes, np.ndarray) and nodes.shape == (count,), "has a tree whose size does not match its state")
    inner = np.flatnonzero(nodes["left_child"] != -1)
    check_branches(nodes["left_child"], nodes["right_child"], inner)
    require(within(nodes["feature"][inner], features), "has a tree that uses a feature beyond its last")
    return set_state(tree, state)


def begin_new_object(token: Any) -> Pending:
    """Begin the `newObj(class)` of scikit-learn's neighbours' trees and distances."""
    kind = class_of(token, _NEIGHBOURS | _DISTANCES)
    return Pending(partial(_neighbours if token in _NEIGHBOURS else _distance, kind))


def _distance(kind: Any, state: Any) -> Any:
    return set_state(kind.__new__(kind), state)


def _neighbours(kind: Any, state: Any) -> Any:
    """State: (data, order of its rows, nodes, their bounds, leaf size, levels, count, ..., distance, weights)."""
    data, rows, nodes, bounds, *_, distance, weights = state
    count, sides = state[6], 2 if kind.__name__.startswith("KD") else 1
    sized = count % 2 == 1 and nodes.shape == (count,) and bounds.shape == (sides, count, data.shape[1])
    # A node's children are at twice its position, so the nodes in the upper half have none.
    require(
        sized and nodes["is_leaf"][count // 2 :].all(), "has a neighbours' tree whose size does not match its state"
    )
    require(rows.shape == data.shape[:1] and within(rows, len(data)), _OTHER_ROWS)
    require(within(nodes["idx_start"], len(data) + 1) and within(nodes["idx_end"], len(data) + 1), _OTHER_ROWS)
    require(weights is None or weights.shape == data.shape[:1], _OTHER_ROWS)
    distance._validate_data(data)  # noqa: SLF001 - the only way to check the distance's own arrays
    return set_state(kind.__new__(kind), state)


def make_loss(module: str, name: str) -> Callable[..., Any]:
    """Return a constructor for a Cython loss, whose parameters, if any, are numbers."""

    def make(*parameters: object) -> Any:
        require(all(type(parameter) is float for parameter in parameters), "has a loss whose parameter is not a number")
        return getattr(importlib.import_module(module), name)(*parameters)

    return make


def make_multinomial_loss(token: object, *_: object) -> Any:
    """Replace the function that Cython generates for a class without parameters."""
    return class_of(token, {_MULTINOMIAL_LOSS})()
