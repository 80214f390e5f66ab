"""Trees as an operator of ai.onnx.ml 3, which every ONNX Runtime since 1.12 has.

A bundle has the operator of ai.onnx.ml 5, which adds leaves in double. The older one compares in double, but returns
single precision. So it returns the number of each tree's leaf, which is exact; the leaves are then gathered and added
up from the first tree to the last: in the order of the library, however many threads there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import helper, numpy_helper

from model_training.bundling.exact.graph.builder import INT64, ML, Graph
from model_training.bundling.exact.trees.operator import MEMBER
from model_training.exporting.graph.embedding import Constants

AT_MOST, EQUAL, LEAF = "BRANCH_LEQ", "BRANCH_EQ", "LEAF"


@dataclass
class _Nodes:
    """The nodes of the older operator; each knows its tree and its number there."""

    tree: list[int] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    mode: list[str] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    true: list[int] = field(default_factory=list)
    false: list[int] = field(default_factory=list)

    def add(self, tree: int, number: int, mode: str, feature: int = 0, value: float = 0.0, missing: int = 0) -> int:
        """Add a node without children; return its place in the lists."""
        row = (tree, number, feature, mode, value, missing, 0, 0)
        lists: list[list[Any]] = [
            self.tree, self.number, self.feature, self.mode, self.value, self.missing, self.true, self.false,
        ]  # fmt: skip
        for values, value_ in zip(lists, row, strict=True):
            values.append(value_)
        return len(self.tree) - 1


class _Ensemble:
    """The trees of a TreeEnsemble of ai.onnx.ml 5, and those of the older operator."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self._a = attributes
        self._splits = numpy_helper.to_array(attributes["nodes_splits"]).tolist()
        self._modes = numpy_helper.to_array(attributes["nodes_modes"]).tolist()
        self._missing = attributes.get("nodes_missing_value_tracks_true") or [0] * len(self._splits)
        self._members = _members(attributes, self._modes)
        self.weights = numpy_helper.to_array(attributes["leaf_weights"])
        self.nodes = _Nodes()
        self.leaves: list[list[int]] = []
        """For each tree, the place of each of its leaves among all leaves."""
        for root in attributes["tree_roots"]:
            self._add_tree(root)

    @property
    def targets(self) -> list[int]:
        """Return the output to which each tree adds."""
        return [self._a["leaf_targetids"][leaves[0]] for leaves in self.leaves]

    def _add_tree(self, root: int) -> None:
        tree, count = len(self.leaves), 1
        self.leaves.append([])
        waiting = [(root, 0, False)]
        while waiting:
            place, number, leaf = waiting.pop()
            if leaf:
                self.nodes.add(tree, number, LEAF, value=float(len(self.leaves[tree])))
                self.leaves[tree].append(place)
                continue
            links = self._members.get(place) or [self._splits[place]]
            true, false = count, count + 1
            numbers = [number, *range(count + 2, count + 1 + len(links))]
            count += 1 + len(links)
            mode = EQUAL if place in self._members else AT_MOST
            for link, after, value in zip(numbers, [*numbers[1:], false], links, strict=True):
                added = self.nodes.add(
                    tree, link, mode, self._a["nodes_featureids"][place], value, self._missing[place]
                )
                self.nodes.true[added], self.nodes.false[added] = true, after
            waiting.append((self._a["nodes_falsenodeids"][place], false, bool(self._a["nodes_falseleafs"][place])))
            waiting.append((self._a["nodes_truenodeids"][place], true, bool(self._a["nodes_trueleafs"][place])))


def _members(attributes: dict[str, Any], modes: Sequence[int]) -> dict[int, list[float]]:
    """Return the members of each set; NaN ends a set in the list of all."""
    if "membership_values" not in attributes:
        return {}
    values = iter(numpy_helper.to_array(attributes["membership_values"]).tolist())
    nodes = [place for place, mode in enumerate(modes) if mode == MEMBER]
    return {place: list(iter(lambda: _or_end(next(values)), None)) for place in nodes}


def _or_end(value: float) -> float | None:
    return None if np.isnan(value) else value


def write_trees(g: Graph, node: Any, inputs: Sequence[str], _: Constants) -> list[str]:
    """Write a TreeEnsemble of ai.onnx.ml 5, which adds up leaves: [n, targets]."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    ensemble = _Ensemble(attributes)
    places = g("Add", g.cast(_numbers(g, ensemble, inputs[0]), INT64), g.constant(_starts(ensemble), np.int64))
    order = [place for leaves in ensemble.leaves for place in leaves]
    leaves = g("Gather", g.constant(ensemble.weights[order], ensemble.weights.dtype), places, axis=0)
    return [_added(g, leaves, ensemble.targets, attributes["n_targets"])]


def _starts(ensemble: _Ensemble) -> Any:
    return np.cumsum([0, *map(len, ensemble.leaves[:-1])])


def _numbers(g: Graph, ensemble: _Ensemble, x: str) -> str:
    """Write the number of each tree's leaf, [n, trees]."""
    nodes, double = ensemble.nodes, ensemble.weights.dtype == np.float64
    at_leaves = [place for place, mode in enumerate(nodes.mode) if mode == LEAF]
    numbers = [nodes.value[place] for place in at_leaves]
    trees = [nodes.tree[place] for place in at_leaves]
    values: dict[str, Any] = {"nodes_values": nodes.value, "target_weights": numbers}
    if double:
        values = {f"{name}_as_tensor": numpy_helper.from_array(np.array(value)) for name, value in values.items()}
    return g(
        "TreeEnsembleRegressor", x, domain=ML, n_targets=len(ensemble.leaves), nodes_treeids=nodes.tree,
        nodes_nodeids=nodes.number, nodes_featureids=nodes.feature, nodes_modes=nodes.mode,
        nodes_truenodeids=nodes.true, nodes_falsenodeids=nodes.false,
        nodes_missing_value_tracks_true=nodes.missing, target_treeids=trees,
        target_nodeids=[nodes.number[place] for place in at_leaves], target_ids=trees, **values,
    )  # fmt: skip


def _added(g: Graph, leaves: str, targets: Sequence[int], count: int) -> str:
    """Add up the leaves, [n, trees], of each target, from the first tree to the last."""
    if list(targets) == list(range(count)):
        return leaves
    columns = []
    for target in range(count):
        trees = [tree for tree, of in enumerate(targets) if of == target]
        # A target without a tree is 0.
        chosen = g.gather(leaves, trees) if trees else g("Sub", g.gather(leaves, [0]), g.gather(leaves, [0]))
        columns.append(g.gather(g("CumSum", chosen, g.constant(1, np.int64)), [-1]) if len(trees) > 1 else chosen)
    return g("Concat", *columns, axis=1)
