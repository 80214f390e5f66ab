"""Trees as flat nodes; scikit-learn's are read from their pickled state rather than by the compiler's reader."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.natives.catboost import catboost_native
from model_training.bundling.exact.proof.structure.natives.histogram import histogram
from model_training.bundling.exact.proof.structure.natives.lightgbm import lightgbm_native
from model_training.bundling.exact.proof.structure.natives.xgboost import xgboost_native
from model_training.bundling.exact.proof.structure.nodes import Integers, Native, Nodes, Numbers, join
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.native_file import library_of

LIBRARIES = {"xgboost": xgboost_native, "lightgbm": lightgbm_native, "catboost": catboost_native}


def native_of(estimator: Any) -> Native:
    """Read a fitted estimator.

    Raises:
        Refused: there is no proof for its class.
    """
    library = library_of(estimator)
    if library is not None:
        return LIBRARIES[library](estimator)
    name = type(estimator).__name__
    if hasattr(estimator, "_predictors"):
        return histogram(estimator)
    if name.startswith("GradientBoosting"):
        return _boosting(estimator)
    if hasattr(estimator, "tree_"):
        return _mean([estimator], estimator)
    if name.startswith(("RandomForest", "ExtraTrees")):
        return _mean(estimator.estimators_, estimator)
    raise Refused(f"there is no structural proof for {name}")


def to_single(values: Numbers, _: Integers) -> Numbers:
    """Round to float32, as scikit-learn's own trees do."""
    return values.astype(np.float32).astype(np.float64)


def _mean(members: Sequence[Any], estimator: Any) -> Native:
    trees = [_pickled(member.tree_) for member in members]
    if (
        hasattr(estimator, "classes_")
        and "missing_go_to_left" not in members[0].tree_.__getstate__()["nodes"].dtype.names
    ):
        # Before scikit-learn 1.3, nodes hold counts, of which each tree predicts the shares.
        trees = [replace(tree, leaf=tree.leaf / tree.leaf.sum(axis=1, keepdims=True)) for tree in trees]
    nodes = join(trees)

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
        missing_first=nodes["missing_go_to_left"] != 0
        if "missing_go_to_left" in nodes.dtype.names
        else np.zeros(len(nodes), dtype=bool),
        first=nodes["left_child"].astype(np.int64),
        second=nodes["right_child"].astype(np.int64),
        leaf=state["values"][:, 0, :].astype(np.float64),
        target=np.zeros(len(nodes), dtype=np.int64),
        members={},
    )
