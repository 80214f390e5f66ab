"""Read scikit-learn's histogram gradient boosting, whose own preprocessor turns categories into codes."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.preprocessing import OrdinalEncoder

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.scikit_links import link_of
from model_training.bundling.exact.trees.structure import Ensemble, Tree, with_start


def read_histogram(estimator: Any, *, coded: bool = False) -> Ensemble:
    """Read a fitted estimator.

    Args:
        estimator: the estimator.
        coded: whether categories come as codes, in the order that the preprocessor gives them, rather than as the
            numbers that the estimator was fitted on.

    Raises:
        Refused: its categories are text, and do not come as codes.
    """
    start = np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1)  # noqa: SLF001
    trees = [
        replace(_tree(predictor), target=target)
        for row in estimator._predictors  # noqa: SLF001
        for target, predictor in enumerate(row)
    ]
    order, codes = _categories(estimator, coded=coded)
    return Ensemble(
        trees=with_start(trees, start, np.float64),
        n_features=estimator.n_features_in_,
        n_outputs=len(start),
        order=order,
        codes=codes,
        link=link_of(estimator),
        classes=tuple(estimator.classes_.tolist()) if hasattr(estimator, "classes_") else None,
        rule="raw" if len(start) > 1 else "above",
    )


def category_encoder(estimator: Any) -> OrdinalEncoder | None:
    """Return what turns the categories of an estimator into codes; None where it has none."""
    preprocessor = getattr(estimator, "_preprocessor", None)  # Since scikit-learn 1.4.
    return None if preprocessor is None else preprocessor.named_transformers_["encoder"]


def _categories(estimator: Any, *, coded: bool) -> tuple[tuple[int, ...] | None, dict[int, tuple[float, ...]]]:
    """Return the columns in the order of the trees' features, and the values of those that are codes."""
    encoder = category_encoder(estimator)
    if encoder is None:
        if getattr(estimator, "is_categorical_", None) is not None:
            raise Refused("categories of a scikit-learn older than 1.4")
        return None, {}
    is_category = np.asarray(estimator.is_categorical_, dtype=bool)
    order = (*np.flatnonzero(is_category).tolist(), *np.flatnonzero(~is_category).tolist())
    known = {}
    for feature, values in enumerate(encoder.categories_):
        present = [value for value in values.tolist() if value is not None and value == value]  # noqa: PLR0124 (NaN)
        if not coded and any(isinstance(value, str) for value in present):
            raise Refused("categories that are text reach the estimator")
        known[feature] = tuple(map(float, range(len(present)) if coded else present))
    return order, known


def _tree(predictor: Any) -> Tree:
    nodes = predictor.nodes
    leaf, by_set = nodes["is_leaf"].astype(bool), nodes["is_categorical"].astype(bool)
    return Tree(
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
        threshold=np.where(leaf | by_set, 0.0, nodes["num_threshold"]),
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=nodes["value"].reshape(-1, 1).copy(),
        sets={int(node): _members(predictor, node) for node in np.flatnonzero(by_set & ~leaf)},
    )


def _members(predictor: Any, node: Any) -> frozenset[int]:
    """Return the codes that go left."""
    bits = predictor.raw_left_cat_bitsets[predictor.nodes["bitset_idx"][node]]
    words = np.ascontiguousarray(bits).astype("<u4").view(np.uint8)
    return frozenset(np.flatnonzero(np.unpackbits(words, bitorder="little")).tolist())
