"""One tree of LightGBM's text."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import check_keys
from model_training.bundling.exact.trees.evaluation import ZERO
from model_training.bundling.exact.trees.lightgbm.text import Section, numbers
from model_training.bundling.exact.trees.structure import Integers, Numbers, Treatment, Tree

CATEGORICAL, DEFAULT_LEFT = 1, 2
NONE, ZEROS, NANS = 0, 1, 2
KEYS = (
    "Tree", "cat_boundaries", "cat_threshold", "decision_type", "internal_count", "internal_value", "internal_weight",
    "is_linear", "leaf_count", "leaf_value", "leaf_weight", "left_child", "num_cat", "num_leaves", "right_child",
    "shrinkage", "split_feature", "split_gain", "threshold",
)  # fmt: skip


@dataclass
class Treatments:
    """What happens to each feature first, as its questions say."""

    found: dict[int, Treatment] = field(default_factory=dict)

    def add(self, feature: int, treatment: Treatment) -> None:
        """Note what a question needs.

        Raises:
            Refused: another question about the feature needs another one.
        """
        if self.found.setdefault(feature, treatment) != treatment:
            raise Refused(f"the feature {feature} is treated in two ways")


def tree_of(section: Section, target: int, treatments: Treatments) -> Tree:
    """Read a tree; inner nodes keep their numbers, and leaves follow.

    Raises:
        Refused: its leaves are linear models, or something in it is not known.
    """
    if section.get("is_linear", "0") != "0":
        raise Refused("linear trees are not supported")
    check_keys(section, KEYS, "a tree of LightGBM")
    leaves = int(section["num_leaves"])
    inner = leaves - 1
    value = numbers(section, "leaf_value", np.float64, leaves)
    if not inner:
        return _tree(Questions.none(), value, target)
    return _tree(Questions.read(section, inner, treatments), value, target)


@dataclass(frozen=True)
class Questions:
    """The inner nodes of a tree."""

    feature: Integers
    threshold: Numbers
    left: Integers
    right: Integers
    missing_left: Any
    sets: dict[int, frozenset[int]]

    @classmethod
    def none(cls) -> "Questions":
        """Return those of a lone leaf."""
        whole = np.zeros(0, dtype=np.int64)
        return cls(whole, np.zeros(0), whole, whole, whole.astype(bool), {})

    @classmethod
    def read(cls, section: Section, inner: int, treatments: Treatments) -> "Questions":
        """Read them."""
        feature = numbers(section, "split_feature", np.int64, inner)
        threshold = numbers(section, "threshold", np.float64, inner)
        rules = numbers(section, "decision_type", np.int64, inner)
        children = [numbers(section, key, np.int64, inner) for key in ("left_child", "right_child")]
        left, right = (np.where(child >= 0, child, inner + ~child) for child in children)
        sets = _sets(section, np.flatnonzero(rules & CATEGORICAL), threshold)
        found = cls(feature, threshold, left, right, (rules & DEFAULT_LEFT).astype(bool), sets)
        for node in range(inner):
            treatments.add(int(feature[node]), found.normalize(node, int(rules[node]) >> 2))
        return found

    def normalize(self, node: int, missing: int) -> Treatment:
        """Change a question to what the rule of all libraries means by it; return what must happen to the feature."""
        if missing not in (NONE, ZEROS, NANS):
            raise Refused("a kind of missing values that is not known")
        if node in self.sets:
            self.missing_left[node], self.threshold[node] = False, 0.0
            return "truncate"
        if missing == NONE:  # What is missing is 0.
            self.missing_left[node] = self.threshold[node] >= 0
        if missing == ZEROS:
            return "zero-is-missing"
        self.threshold[node] = _beside_zero(float(self.threshold[node]))
        return "number"


def _tree(questions: Questions, value: Numbers, target: int) -> Tree:
    leaves = np.zeros(len(value), dtype=np.int64)
    return Tree(
        feature=np.concatenate([questions.feature, leaves]),
        threshold=np.concatenate([questions.threshold, leaves.astype(np.float64)]),
        left=np.concatenate([questions.left, leaves - 1]),
        right=np.concatenate([questions.right, leaves - 1]),
        missing_left=np.concatenate([questions.missing_left, leaves.astype(bool)]),
        value=np.concatenate([np.zeros(len(questions.feature)), value]).reshape(-1, 1),
        target=target,
        sets=questions.sets,
    )


def _beside_zero(threshold: float) -> float:
    """Move a threshold out of what is taken for zero: all of that goes one way."""
    if 0 <= threshold <= ZERO:
        return ZERO
    return float(np.nextafter(-ZERO, -np.inf)) if -ZERO <= threshold < 0 else threshold


def _sets(section: Section, nodes: Integers, threshold: Numbers) -> dict[int, frozenset[int]]:
    """Read the sets of categories that go left: bits of words, from one boundary to the next."""
    if not len(nodes):
        if section.get("num_cat", "0") != "0":
            raise Refused("a damaged file of LightGBM: sets of categories that no question is about")
        return {}
    ends = [int(end) for end in section["cat_boundaries"].split()]
    words = np.array([int(word) for word in section["cat_threshold"].split()], dtype="<u4")
    if len(ends) != int(section["num_cat"]) + 1 or ends != sorted(ends) or (ends[0], ends[-1]) != (0, len(words)):
        raise Refused("a damaged file of LightGBM: the bounds of its sets of categories")
    if len(set(threshold[nodes].tolist())) < len(nodes):
        raise Refused("sets of categories overlap")
    found = {}
    for node in nodes.tolist():
        start, end = ends[int(threshold[node])], ends[int(threshold[node]) + 1]
        if threshold[node] < 0 or not 0 <= start <= end <= len(words):
            raise Refused("a set of categories is out of range")
        bits = np.unpackbits(words[start:end].view(np.uint8), bitorder="little")
        found[node] = frozenset(np.flatnonzero(bits).tolist())
    return found
