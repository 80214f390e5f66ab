"""Read scikit-learn's fitted trees, forests and gradient boosting."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.histogram import read_histogram
from model_training.bundling.exact.trees.scikit_links import link_of
from model_training.bundling.exact.trees.structure import Ensemble, Link, Tree, with_start


def read_ensemble(estimator: Any) -> Ensemble:
    """Read a fitted estimator.

    Raises:
        Refused: it is no tree, or has something that is not known to be exact.
    """
    reader = READERS.get(type(estimator))
    if reader is None:
        raise Refused(f"{type(estimator).__name__} is no tree that can be read")
    if getattr(estimator, "n_outputs_", 1) != 1:
        raise Refused("several outputs")
    return reader(estimator)


def is_ensemble(estimator: Any) -> bool:
    """Tell whether an estimator is of a class that `read_ensemble` knows."""
    return type(estimator) in READERS


def classes_of(estimator: Any) -> tuple[Any, ...] | None:
    """Return the labels of a classifier as Python's own values."""
    return tuple(np.asarray(estimator.classes_).tolist()) or None if hasattr(estimator, "classes_") else None


def _read_tree(estimator: Any) -> Ensemble:
    return _mean([estimator], estimator)


def _read_forest(estimator: Any) -> Ensemble:
    return _mean(estimator.estimators_, estimator)


def _mean(members: Sequence[Any], estimator: Any) -> Ensemble:
    classes = classes_of(estimator)
    trees = [_tree(member.tree_) for member in members]
    if classes and not hasattr(members[0].tree_, "missing_go_to_left"):
        trees = [replace(tree, value=shares(tree.value)) for tree in trees]
    return Ensemble(
        trees=tuple(trees),
        n_features=estimator.n_features_in_,
        n_outputs=len(classes) if classes else 1,
        compare=np.float32,
        divisor=float(len(members)),
        classes=classes,
    )


def shares(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the share of each class in nodes, [nodes, classes], that hold counts: before scikit-learn 1.3."""
    totals = counts.sum(axis=1, keepdims=True)
    return counts / np.where(totals == 0.0, 1.0, totals)


def _read_boosting(estimator: Any) -> Ensemble:
    """Read gradient boosting; the learning rate is multiplied into the leaves, as the library does for each row."""
    if not (isinstance(estimator.init_, DummyClassifier | DummyRegressor) or estimator.init_ == "zero"):
        raise Refused("gradient boosting that starts from an estimator of your own")
    classes, rounds = classes_of(estimator), estimator.estimators_
    start = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))[0]  # noqa: SLF001
    trees = [
        _tree(member.tree_, target, estimator.learning_rate) for row in rounds for target, member in enumerate(row)
    ]
    outputs = rounds.shape[1]
    return Ensemble(
        trees=with_start(trees, start.astype(np.float64), np.float64),
        n_features=estimator.n_features_in_,
        n_outputs=outputs,
        compare=np.float32,
        link=link_of(estimator) if classes else Link(),
        classes=classes,
        rule="raw" if outputs > 1 else "from",
    )


def _tree(tree: Any, target: int = 0, rate: float = 1.0) -> Tree:
    value = tree.value[:, 0, :]
    return Tree(
        feature=np.maximum(tree.feature, 0).astype(np.int64),
        threshold=tree.threshold.astype(np.float64),
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        # Since scikit-learn 1.3; before, missing numbers are refused.
        missing_left=np.asarray(getattr(tree, "missing_go_to_left", np.zeros(tree.node_count))).astype(bool),
        value=value * rate if rate != 1 else value.copy(),
        target=target,
    )


READERS: dict[type, Callable[[Any], Ensemble]] = {
    DecisionTreeClassifier: _read_tree,
    DecisionTreeRegressor: _read_tree,
    ExtraTreeClassifier: _read_tree,
    ExtraTreeRegressor: _read_tree,
    RandomForestClassifier: _read_forest,
    RandomForestRegressor: _read_forest,
    ExtraTreesClassifier: _read_forest,
    ExtraTreesRegressor: _read_forest,
    GradientBoostingClassifier: _read_boosting,
    GradientBoostingRegressor: _read_boosting,
    HistGradientBoostingClassifier: read_histogram,
    HistGradientBoostingRegressor: read_histogram,
}
