"""One tree of XGBoost's file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.structure import Integers, Numbers, Tree

SINGLE = np.float32
NO_PARENT = (-1, 2**31 - 1)
"""What a root has as its parent."""
LARGEST_CATEGORY = 2**24
KEYS = (
    "base_weights", "categories", "categories_nodes", "categories_segments", "categories_sizes", "default_left", "id",
    "leaf_weights", "left_children", "loss_changes", "parents", "right_children", "split_conditions", "split_indices",
    "split_type", "sum_hessian", "tree_param",
)  # fmt: skip


def trees_of(native: Mapping[str, Any], target: int, outputs: int) -> list[Tree]:
    """Read a tree; one whose leaves are vectors adds to every output, as so many trees with the same questions do.

    Raises:
        Refused: its vectors have another number of outputs, or are in the way of old versions.
    """
    width = int(native["tree_param"]["size_leaf_vector"])
    if width <= 1:
        return [_tree(native, native["right_children"], target)]
    if width != outputs:
        raise Refused("a leaf has another number of outputs")
    values, right = (
        _vectors(native, width),
        np.where(np.array(native["left_children"]) < 0, -1, native["right_children"]),
    )
    tree = _tree(native, right, target)
    return [replace(tree, value=values[:, [output]], target=output) for output in range(outputs)]


def _tree(native: Mapping[str, Any], right_children: Any, target: int) -> Tree:
    """Read a tree: a value goes left where it is below the condition, and where it is no member of the set."""
    left, right = (np.array(side, dtype=np.int64) for side in (native["left_children"], right_children))
    condition = np.array(native["split_conditions"], dtype=np.float64).astype(SINGLE)
    inner = left >= 0
    _check_parents(np.array(native["parents"], dtype=np.int64), left, right, inner)
    indices = np.array(native["split_indices"], dtype=np.int64)
    sets = _sets(native)
    by_set = np.isin(np.arange(len(left)), list(sets))
    if (np.array(native["split_type"], dtype=np.int64)[inner] != by_set[inner]).any() or (by_set & ~inner).any():
        raise Refused("a tree's kinds of questions contradict its sets")
    # x < t is x <= the float32 before t. Members go right there, and left here.
    with np.errstate(over="ignore"):
        before = np.nextafter(condition, SINGLE(-np.inf))
    edge = np.where(inner & ~by_set, before, SINGLE(0))
    return Tree(
        feature=np.where(inner, indices, 0),
        threshold=edge.astype(np.float64),
        left=np.where(by_set, right, left),
        right=np.where(by_set, left, right),
        missing_left=np.array(native["default_left"], dtype=np.int64).astype(bool) ^ by_set,
        value=np.where(inner, SINGLE(0), condition).astype(np.float64).reshape(-1, 1),
        target=target,
        sets=sets,
    )


def _check_parents(parents: Integers, left: Integers, right: Integers, inner: npt.NDArray[np.bool_]) -> None:
    """Check what predictions do not need, but XGBoost trusts: a parent that is no node lets it read beyond its memory.

    Nodes that were pruned have a parent of which they are no children.
    """
    nodes = np.arange(len(left))
    others = parents[1:]
    if len(parents) != len(left) or parents[0] not in NO_PARENT or ((others < 0) | (others >= len(left))).any():
        raise Refused("a tree has a parent that is no node")
    if any((parents[side[inner]] != nodes[inner]).any() for side in (left, right)):
        raise Refused("a tree's parents contradict its children")


def _vectors(native: Mapping[str, Any], width: int) -> Numbers:
    """Return the vectors of leaves at their nodes, [nodes, width]: the right child of a leaf is the number of its own.

    Raises:
        Refused: nodes have vectors in the way of versions before 3.1, whose files crash later ones.
    """
    if "leaf_weights" not in native:
        raise Refused("leaves that are vectors (multi_strategy) are supported in files of XGBoost 3.1 or later")
    left = np.array(native["left_children"], dtype=np.int64)
    places = np.array(native["right_children"], dtype=np.int64)[left < 0]
    if (places < 0).any():
        raise Refused("a leaf without a vector")
    values = np.zeros((len(left), width))
    values[left < 0] = np.array(native["leaf_weights"], dtype=np.float64).reshape(-1, width).astype(SINGLE)[places]
    return values


def _sets(native: Mapping[str, Any]) -> dict[int, frozenset[int]]:
    found = {}
    categories = [int(category) for category in native["categories"]]
    places = (native["categories_nodes"], native["categories_segments"], native["categories_sizes"])
    if sum(map(int, native["categories_sizes"])) > len(categories):
        raise Refused("sets of categories overlap")
    for node, start, size in zip(*places, strict=True):
        members = categories[start : start + size]
        if not 0 <= start <= start + size <= len(categories) or max(members, default=0) >= LARGEST_CATEGORY:
            raise Refused("a set of categories is out of range")
        found[int(node)] = frozenset(members)
    return found
