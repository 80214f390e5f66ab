"""Histogram gradient boosting as flat nodes, read from its own arrays rather than by the compiler's reader."""

from dataclasses import replace
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.nodes import Native, Nodes, Numbers, join

BITS = 32
CODES = 256


def histogram(estimator: Any) -> Native:
    """Read a fitted estimator of histogram gradient boosting."""
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

    return Native(join(parts), lambda values, _: values, decide, _known(estimator))


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
    if getattr(estimator, "_preprocessor", None) is None:  # Since scikit-learn 1.4.
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
