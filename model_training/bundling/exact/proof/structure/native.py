"""scikit-learn's trees as flat nodes, read from their pickled state rather than by the compiler's reader."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.nodes import Nodes, Numbers, join
from model_training.bundling.exact.refused import Refused

BITS = 32
CODES = 256


@dataclass(frozen=True)
class Native:
    """What a library's trees are, and what it does to a value first and to sums last."""

    nodes: Nodes
    round_values: Callable[[Numbers], Numbers]
    """What the library compares of a number."""
    decide: Callable[[Numbers], tuple[Any, Numbers | None]]
    """Return the labels (or values), [n], and probabilities for sums, [n, outputs]."""
    known: Mapping[int, frozenset[float]] = field(default_factory=dict)
    """For each column that holds categories: the values that the estimator knows; others are missing."""


def native_of(estimator: Any) -> Native:
    """Read a fitted estimator.

    Raises:
        Refused: there is no proof for its class.
    """
    name = type(estimator).__name__
    if hasattr(estimator, "_predictors"):
        return _histogram(estimator)
    if name.startswith("GradientBoosting"):
        return _boosting(estimator)
    if hasattr(estimator, "tree_"):
        return _mean([estimator], estimator)
    if name.startswith(("RandomForest", "ExtraTrees")):
        return _mean(estimator.estimators_, estimator)
    raise Refused(f"there is no structural proof for {name}")


def to_single(values: Numbers) -> Numbers:
    """Round to float32, as scikit-learn's own trees do."""
    return values.astype(np.float32).astype(np.float64)


def _mean(members: Sequence[Any], estimator: Any) -> Native:
    nodes = join([_pickled(member.tree_) for member in members])

    def decide(sums: Numbers) -> tuple[Any, Numbers | None]:
        share = sums / len(members)
        if not hasattr(estimator, "classes_"):
            return share[:, 0], None
        return estimator.classes_.take(share.argmax(axis=1)), share

    return Native(nodes, to_single, decide)


def _boosting(estimator: Any) -> Native:
    start = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), np.float32)).astype(np.float64)[0]  # noqa: SLF001
    parts = []
    for number, row in enumerate(estimator.estimators_):
        for output, member in enumerate(row):
            tree = _pickled(member.tree_)
            base = start[output] if number == 0 else 0.0
            leaf = base + estimator.learning_rate * tree.leaf
            parts.append(replace(tree, leaf=leaf, target=np.full(len(leaf), output)))

    def decide(sums: Numbers) -> tuple[Any, Numbers | None]:
        if not hasattr(estimator, "classes_"):
            return sums[:, 0], None
        chosen = (sums[:, 0] >= 0).astype(int) if sums.shape[1] == 1 else sums.argmax(axis=1)
        raw = sums[:, 0] if sums.shape[1] == 1 else sums
        return estimator.classes_[chosen], estimator._loss.predict_proba(raw)  # noqa: SLF001

    return Native(join(parts), to_single, decide)


def _pickled(tree: Any) -> Nodes:
    """Read the array of nodes that a tree is pickled as."""
    state = tree.__getstate__()
    nodes = state["nodes"]
    return Nodes(
        roots=np.zeros(1, dtype=np.int64),
        is_leaf=nodes["left_child"] == -1,
        column=nodes["feature"].astype(np.int64),
        edge=nodes["threshold"].astype(np.float64),
        missing_first=nodes["missing_go_to_left"] != 0,
        first=nodes["left_child"].astype(np.int64),
        second=nodes["right_child"].astype(np.int64),
        leaf=state["values"][:, 0, :].astype(np.float64),
        target=np.zeros(len(nodes), dtype=np.int64),
        members={},
    )


def _histogram(estimator: Any) -> Native:
    start = np.ravel(estimator._baseline_prediction)  # noqa: SLF001
    parts = []
    for number, row in enumerate(estimator._predictors):  # noqa: SLF001
        for output, predictor in enumerate(row):
            tree = _predictor(estimator, predictor, start[output] if number == 0 else 0.0)
            parts.append(replace(tree, target=np.full(len(tree.leaf), output)))

    def decide(sums: Numbers) -> tuple[Any, Numbers | None]:
        raw = sums[:, 0] if sums.shape[1] == 1 else sums
        if not hasattr(estimator, "classes_"):
            return estimator._loss.link.inverse(raw), None  # noqa: SLF001
        chosen = (sums[:, 0] > 0).astype(int) if sums.shape[1] == 1 else sums.argmax(axis=1)
        return estimator.classes_[chosen], estimator._loss.predict_proba(raw)  # noqa: SLF001

    return Native(join(parts), lambda values: values, decide, _known(estimator))


def _predictor(estimator: Any, predictor: Any, base: float) -> Nodes:
    """Read the array of nodes of one tree, whose features are those of the estimator's own preprocessor."""
    nodes = predictor.nodes
    columns, values = _preprocessed(estimator)
    members = {}
    for node in range(len(nodes)):
        if nodes[node]["is_categorical"] and not nodes[node]["is_leaf"]:
            words = predictor.raw_left_cat_bitsets[nodes[node]["bitset_idx"]]
            known = values[int(nodes[node]["feature_idx"])]
            members[node] = frozenset(
                value for code, value in enumerate(known[:CODES]) if int(words[code // BITS]) >> (code % BITS) & 1
            )
    return Nodes(
        roots=np.zeros(1, dtype=np.int64),
        is_leaf=nodes["is_leaf"] != 0,
        column=columns[nodes["feature_idx"].astype(np.int64)],
        edge=nodes["num_threshold"].astype(np.float64),
        missing_first=nodes["missing_go_to_left"] != 0,
        first=nodes["left"].astype(np.int64),
        second=nodes["right"].astype(np.int64),
        leaf=base + nodes["value"].reshape(-1, 1),
        target=np.zeros(len(nodes), dtype=np.int64),
        members=members,
    )


def _preprocessed(estimator: Any) -> tuple[Any, dict[int, list[float]]]:
    """Return the column of the input that each feature of the trees is, and the values behind each one's codes."""
    if estimator._preprocessor is None:  # noqa: SLF001
        return np.arange(estimator.n_features_in_), {}
    flags = list(map(bool, estimator.is_categorical_))
    columns = [*(i for i, flag in enumerate(flags) if flag), *(i for i, flag in enumerate(flags) if not flag)]
    lists = estimator._preprocessor.named_transformers_["encoder"].categories_  # noqa: SLF001
    values = {}
    for feature, known in enumerate(lists):
        text = known.dtype.kind in "OUS"
        values[feature] = [float(code) if text else float(value) for code, value in enumerate(known)]
    return np.array(columns, dtype=np.int64), values


def _known(estimator: Any) -> dict[int, frozenset[float]]:
    columns, values = _preprocessed(estimator)
    return {int(columns[feature]): frozenset(known) for feature, known in values.items()}
