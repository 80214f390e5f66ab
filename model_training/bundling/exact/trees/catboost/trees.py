"""The trees of CatBoost's file: symmetric ones, whose questions are those of a level, and others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.catboost.features import MASK, Features
from model_training.bundling.exact.trees.checked import check_keys
from model_training.bundling.exact.trees.structure import Tree

SYMMETRIC = ("leaf_values", "leaf_weights", "splits")
OTHER = ("left", "right", "split", "value", "weight")
MAX_DEPTH = 30


@dataclass
class _Grown:
    """Nodes one after the other; a parent stands before its children."""

    features: Features
    outputs: int
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    missing_left: list[bool] = field(default_factory=list)
    value: list[Any] = field(default_factory=list)
    sets: dict[int, frozenset[int]] = field(default_factory=dict)

    def leaf(self, value: Any) -> int:
        """Add a leaf."""
        found = np.atleast_1d(np.array(value, dtype=np.float64))
        if found.shape != (self.outputs,):
            raise Refused("a leaf has another number of outputs")
        return self._add(0, 0.0, found, missing_left=False)

    def question(self, split: Mapping[str, Any], no: Callable[[], int], yes: Callable[[], int]) -> int:
        """Add a question, and what follows on both sides."""
        kind = split["split_type"]
        if kind == "FloatFeature":
            number = self.features.numbers[split["float_feature_index"]]
            node = self._add(number.column, float(np.float32(split["border"])), None, not number.missing_is_larger)
            first, second = no, yes
        elif kind == "OneHotFeature":
            index = split["cat_feature_index"]
            code = self.features.codes[index].get(int(split["value"]) & MASK)
            node = self._add(self.features.categories[index].column, 0.0, None, missing_left=False)
            self.sets[node] = frozenset(() if code is None else (code,))
            first, second = yes, no
        else:
            raise Refused(f"a question of the kind {str(kind)[:60]!r} is not supported")
        self.left[node] = first()
        self.right[node] = second()
        return node

    def tree(self) -> Tree:
        """Return the nodes as a tree."""
        return Tree(
            feature=np.array(self.feature, dtype=np.int64),
            threshold=np.array(self.threshold, dtype=np.float64),
            left=np.array(self.left, dtype=np.int64),
            right=np.array(self.right, dtype=np.int64),
            missing_left=np.array(self.missing_left, dtype=bool),
            value=np.array(self.value),
            sets=self.sets,
        )

    def _add(self, feature: int, threshold: float, value: Any, missing_left: bool) -> int:  # noqa: FBT001 (private)
        self.feature.append(feature)
        self.threshold.append(threshold)
        self.left.append(-1)
        self.right.append(-1)
        self.missing_left.append(missing_left)
        self.value.append(np.zeros(self.outputs) if value is None else value)
        return len(self.feature) - 1


def symmetric_tree(native: Mapping[str, Any], features: Features, outputs: int) -> Tree:
    """Read a tree that asks the same question of a whole level: the answer is a bit of the number of the leaf."""
    check_keys(native, SYMMETRIC, "a tree")
    splits, values = native.get("splits") or [], native["leaf_values"]
    if len(splits) > MAX_DEPTH or len(values) != outputs << len(splits):
        raise Refused("a tree has another number of leaves than its depth says")
    grown = _Grown(features, outputs)

    def level(depth: int, index: int) -> int:
        if depth < 0:
            return grown.leaf(values[index * outputs : (index + 1) * outputs])
        return grown.question(
            splits[depth], lambda: level(depth - 1, index), lambda: level(depth - 1, index | 1 << depth)
        )

    level(len(splits) - 1, 0)
    return grown.tree()


def other_tree(native: Mapping[str, Any], features: Features, outputs: int) -> Tree:
    """Read a tree whose nodes are nested: the left side is that of no."""
    grown = _Grown(features, outputs)

    def node(part: Mapping[str, Any]) -> int:
        check_keys(part, OTHER, "a node")
        if "split" not in part:
            return grown.leaf(part["value"])
        return grown.question(part["split"], lambda: node(part["left"]), lambda: node(part["right"]))

    node(native)
    return grown.tree()
