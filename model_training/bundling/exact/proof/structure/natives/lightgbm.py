"""LightGBM's trees as flat nodes, read from the dump of its model, which is another text than the one compiled."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.nested import Question, flatten
from model_training.bundling.exact.proof.structure.nodes import Integers, Native, Numbers, join

BAND = float(np.float32(1e-35))
"""What is no larger is zero."""
INFINITE = 1e300
"""The dump writes this for infinity."""


def lightgbm_native(estimator: Any) -> Native:
    """Read a fitted estimator."""
    dump = estimator.booster_.dump_model()
    outputs = dump["num_tree_per_iteration"]
    trees = [tree["tree_structure"] for tree in dump["tree_info"]]
    parts = [flatten(tree, _node, number % outputs) for number, tree in enumerate(trees)]
    by_set, zeros = _columns(trees)

    def round_values(values: Numbers, asked: Integers) -> Numbers:
        whole = np.isin(asked, list(by_set))[:, None]
        tiny = np.abs(values) <= BAND
        numbers = np.where(tiny, np.where(np.isin(asked, list(zeros))[:, None], np.nan, 0.0), values)
        return np.where(whole, np.trunc(values), numbers)

    divisor = len(trees) // outputs if dump["average_output"] else 1
    decide = _decide(estimator, dump["objective"], divisor)
    return Native(join(parts), round_values, decide, chooses_rounded=dump["objective"].startswith("multiclass"))


def _node(node: Mapping[str, Any]) -> Question | float:
    if "leaf_value" in node:
        return float(node["leaf_value"])
    column, left, right = node["split_feature"], node["left_child"], node["right_child"]
    if node["decision_type"] == "==":
        members = frozenset(float(code) for code in node["threshold"].split("||"))
        return Question(column, 0.0, left, right, members=members)
    edge = np.inf if node["threshold"] == INFINITE else float(node["threshold"])
    missing = node["default_left"] if node["missing_type"] != "None" else edge >= 0
    return Question(column, edge, left, right, missing_first=bool(missing))


def _columns(trees: list[Any]) -> tuple[set[int], set[int]]:
    """Return the columns that are categories, and those whose zeros are missing."""
    by_set, zeros, todo = set(), set(), list(trees)
    for node in todo:
        if "leaf_value" in node:
            continue
        if node["decision_type"] == "==":
            by_set.add(node["split_feature"])
        elif node["missing_type"] == "Zero":
            zeros.add(node["split_feature"])
        todo += [node["left_child"], node["right_child"]]
    return by_set, zeros


def _decide(estimator: Any, objective: str, divisor: int) -> Callable[[Numbers], tuple[Any, Numbers | None]]:
    """Return what LightGBM and its class for scikit-learn make of sums."""
    name, *words = objective.split()
    slope = next((float(word.removeprefix("sigmoid:")) for word in words if word.startswith("sigmoid:")), 1.0)

    def values(raw: Numbers) -> Numbers:
        if name in ("binary", "multiclassova", "cross_entropy"):
            return np.asarray(1 / (1 + np.exp(-slope * raw)))
        if name == "multiclass":
            powers = np.exp(raw - raw.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
        if name in ("poisson", "gamma", "tweedie"):
            return np.exp(raw)
        if name == "cross_entropy_lambda":
            return np.log1p(np.exp(raw))
        return np.sign(raw) * raw * raw if "sqrt" in words else raw

    def decide(sums: Numbers) -> tuple[Any, Numbers | None]:
        with np.errstate(over="ignore"):
            found = values(sums / divisor)
        if not hasattr(estimator, "predict_proba"):
            return found[:, 0], None
        share = np.concatenate([1 - found, found], axis=1) if found.shape[1] == 1 else found
        return np.asarray(estimator.classes_)[share.argmax(axis=1)], share

    return decide
