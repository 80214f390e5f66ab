"""One tree of XGBoost's file."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.structure import Tree

SINGLE = np.float32
LARGEST_CATEGORY = 2**24
KEYS = (
    "base_weights", "categories", "categories_nodes", "categories_segments", "categories_sizes", "default_left", "id",
    "left_children", "loss_changes", "parents", "right_children", "split_conditions", "split_indices", "split_type",
    "sum_hessian", "tree_param",
)  # fmt: skip


def tree_of(native: Mapping[str, Any], target: int) -> Tree:
    """Read a tree: a value goes left where it is below the condition, and where it is no member of the set.

    Raises:
        Refused: its leaves are vectors.
    """
    if int(native["tree_param"]["size_leaf_vector"]) > 1:
        raise Refused("leaves that are vectors (multi_strategy) are not supported")
    left, right = (np.array(native[side], dtype=np.int64) for side in ("left_children", "right_children"))
    condition = np.array(native["split_conditions"], dtype=np.float64).astype(SINGLE)
    inner = left >= 0
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
