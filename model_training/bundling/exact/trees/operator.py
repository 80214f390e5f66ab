"""The operator TreeEnsemble of ai.onnx.ml 5: its attributes for a list of trees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import numpy_helper

from model_training.bundling.exact.graph.builder import ML, Graph
from model_training.bundling.exact.trees.structure import Numbers, Tree

AT_MOST, MEMBER = 0, 6
SUM, NO_TRANSFORM = 1, 0


@dataclass
class _Attributes:
    """Inner nodes side by side, leaves side by side, none shared."""

    roots: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    split: list[float] = field(default_factory=list)
    mode: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    true: list[int] = field(default_factory=list)
    false: list[int] = field(default_factory=list)
    true_leaf: list[int] = field(default_factory=list)
    false_leaf: list[int] = field(default_factory=list)
    members: list[float] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(self, tree: Tree, target: int, weight: Numbers) -> None:
        """Add a tree; `weight` is a number for each of its leaves."""
        self.roots.append(len(self.feature))
        if not len(tree.inner):
            self._add_lone(target, float(weight[0]))
            return
        place = np.zeros(len(tree.left), dtype=np.int64)
        place[tree.inner] = len(self.feature) + np.arange(len(tree.inner))
        place[tree.leaves] = len(self.weight) + np.arange(len(tree.leaves))
        self._add_questions(tree)
        for nodes, marks, children in (
            (self.true, self.true_leaf, tree.left[tree.inner]),
            (self.false, self.false_leaf, tree.right[tree.inner]),
        ):
            nodes.extend(place[children].tolist())
            marks.extend((tree.left[children] < 0).astype(int).tolist())
        self.target += [target] * len(tree.leaves)
        self.weight += weight.tolist()

    def _add_questions(self, tree: Tree) -> None:
        inner = tree.inner
        self.feature += tree.feature[inner].tolist()
        self.missing += tree.missing_left[inner].astype(int).tolist()
        # An empty set is refused by ONNX Runtime: it is a threshold that nothing is below.
        empty = [node for node in inner.tolist() if node in tree.sets and not tree.sets[node]]
        split = tree.threshold.copy()
        split[empty] = -np.inf
        self.split += split[inner].tolist()
        self.mode += [MEMBER if tree.sets.get(node) else AT_MOST for node in inner.tolist()]
        for node in inner.tolist():
            if tree.sets.get(node):
                self.members += [*sorted(tree.sets[node]), np.nan]

    def _add_lone(self, target: int, weight: float) -> None:
        """Add a tree of one leaf as a question with the same leaf on both sides, which every version evaluates."""
        leaf = len(self.weight)
        row = (0, 0.0, AT_MOST, 0, leaf, leaf + 1, 1, 1)
        lists: list[Any] = [
            self.feature, self.split, self.mode, self.missing, self.true, self.false, self.true_leaf, self.false_leaf,
        ]  # fmt: skip
        for values, value in zip(lists, row, strict=True):
            values.append(value)
        self.target += [target, target]
        self.weight += [weight, weight]


def write_operator(
    g: Graph, trees: Sequence[Tree], targets: Sequence[int], weights: Sequence[Numbers], outputs: int, x: str, *,
    single: bool,
) -> str:  # fmt: skip
    """Write the operator, which adds up the weights of leaves, one tree after the other, [n, outputs]."""
    dtype = np.float32 if single else np.float64
    a = _Attributes()
    for tree, target, weight in zip(trees, targets, weights, strict=True):
        a.add(tree, target, weight)
    more: dict[str, Any] = {"membership_values": _tensor(a.members, dtype)} if a.members else {}
    if any(a.missing):
        more["nodes_missing_value_tracks_true"] = a.missing
    return g(
        "TreeEnsemble", x, domain=ML, tree_roots=a.roots, n_targets=outputs, aggregate_function=SUM,
        post_transform=NO_TRANSFORM, nodes_featureids=a.feature, nodes_splits=_tensor(a.split, dtype),
        nodes_modes=_tensor(a.mode, np.uint8), nodes_truenodeids=a.true, nodes_falsenodeids=a.false,
        nodes_trueleafs=a.true_leaf, nodes_falseleafs=a.false_leaf, leaf_targetids=a.target,
        leaf_weights=_tensor(a.weight, dtype), **more,
    )  # fmt: skip


def _tensor(values: Sequence[float], dtype: Any) -> Any:
    return numpy_helper.from_array(np.array(values, dtype=dtype))
