"""Making the objects of scikit-learn that are written in Cython, after looking at what they would trust.

A checked object is sound in itself. That it fits the others is not checked: see SECURITY.md.
"""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from function.model.joblib.constructors.soundness import check_branches, within
from function.model.joblib.constructors.tokens import Token, Unbuilt, class_of, require, set_state

_OTHER_ROWS = "has a neighbours' tree of other rows than it says"

_NEIGHBOURS = {
    *(Token("sklearn.neighbors._ball_tree", name) for name in ("BallTree", "BallTree32", "BallTree64")),
    *(Token("sklearn.neighbors._kd_tree", name) for name in ("KDTree", "KDTree32", "KDTree64")),
}
_METRICS = (
    *("BrayCurtis", "Canberra", "Chebyshev", "Dice", "Euclidean", "Hamming", "Haversine", "Jaccard", "Kulsinski"),
    *("Mahalanobis", "Manhattan", "Matching", "Minkowski", "RogersTanimoto", "RussellRao", "SEuclidean"),
    *("SokalMichener", "SokalSneath"),
)
# PyFuncDistance, which calls what it holds, is not among them.
_DISTANCES = {Token("sklearn.metrics._dist_metrics", f"{name}Distance{bits}") for name in _METRICS for bits in (32, 64)}
_MULTINOMIAL_LOSS = Token("sklearn._loss._loss", "CyHalfMultinomialLoss")
CLASSES = _NEIGHBOURS | _DISTANCES | {_MULTINOMIAL_LOSS}
"""The classes that a pickle names for the makers below."""


def begin_tree(features: Any, classes: Any, outputs: Any) -> Unbuilt:
    """Begin `sklearn.tree._tree.Tree(n_features, n_classes, n_outputs)`, n_classes being an array of [n_outputs]."""
    require(type(features) is int and type(outputs) is int and outputs > 0, "has a tree of no size")
    known = isinstance(classes, np.ndarray) and classes.dtype == np.intp and classes.shape == (outputs,)
    require(known and classes.min() > 0, "has a tree of another number of outputs than it says")
    from sklearn.tree._tree import Tree

    return Unbuilt(partial(_tree, Tree(features, classes, outputs), features))


def _tree(tree: Any, features: int, state: Any) -> Any:
    """State: {"max_depth", "node_count", "nodes": records, "values"}. A node's children come after it."""
    nodes, count = state["nodes"], state["node_count"]
    require(isinstance(nodes, np.ndarray) and nodes.shape == (count,), "has a tree of another size than it says")
    inner = np.flatnonzero(nodes["left_child"] != -1)
    check_branches(nodes["left_child"], nodes["right_child"], inner)
    require(within(nodes["feature"][inner], features), "has a tree that asks for a feature beyond its last")
    return set_state(tree, state)


def begin_new_object(token: Any) -> Unbuilt:
    """Begin the `newObj(class)` of scikit-learn's neighbours' trees and distances."""
    kind = class_of(token, _NEIGHBOURS | _DISTANCES)
    return Unbuilt(partial(_neighbours if token in _NEIGHBOURS else _distance, kind))


def _distance(kind: Any, state: Any) -> Any:
    return set_state(kind.__new__(kind), state)


def _neighbours(kind: Any, state: Any) -> Any:
    """State: (data, order of its rows, nodes, their bounds, leaf size, levels, count, ..., distance, weights)."""
    data, rows, nodes, bounds, *_, distance, weights = state
    count, sides = state[6], 2 if kind.__name__.startswith("KD") else 1
    sized = count % 2 == 1 and nodes.shape == (count,) and bounds.shape == (sides, count, data.shape[1])
    # The upper half has no children: a node's are at twice its place.
    require(sized and nodes["is_leaf"][count // 2 :].all(), "has a neighbours' tree of another size than it says")
    require(rows.shape == data.shape[:1] and within(rows, len(data)), _OTHER_ROWS)
    require(within(nodes["idx_start"], len(data) + 1) and within(nodes["idx_end"], len(data) + 1), _OTHER_ROWS)
    require(weights is None or weights.shape == data.shape[:1], _OTHER_ROWS)
    distance._validate_data(data)  # noqa: SLF001 - asks whether the distance's own arrays fit; there is no other way
    return set_state(kind.__new__(kind), state)


def make_loss(module: str, name: str) -> Callable[..., Any]:
    """Return a maker of one Cython loss, which has one number for a parameter or none."""

    def make(*parameters: object) -> Any:
        require(all(type(parameter) is float for parameter in parameters), "has a loss with an odd parameter")
        return getattr(importlib.import_module(module), name)(*parameters)

    return make


def make_multinomial_loss(token: object, *_: object) -> Any:
    """Do as the function that Cython writes for a class without parameters."""
    return class_of(token, {_MULTINOMIAL_LOSS})()
