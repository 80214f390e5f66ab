"""Read XGBoost's own files, JSON and UBJ, of versions 2.1 to 3."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import (
    MAX_FEATURES,
    MAX_OUTPUTS,
    check_keys,
    check_tree,
    class_labels,
    count,
    finite,
    reading,
)
from model_training.bundling.exact.trees.structure import Ensemble, Link, Numbers, Tree, quantile_names, with_start
from model_training.bundling.exact.trees.xgboost.objectives import margins, objective_of
from model_training.bundling.exact.trees.xgboost.trees import KEYS, SINGLE, trees_of
from model_training.bundling.exact.trees.xgboost.ubj import load_ubj

OLDEST, NEXT = (2, 1), (4, 0)
SORTED = (3, 3)
"""From here on several quantiles are sorted after the trees."""
LEARNER = (
    "attributes", "feature_names", "feature_types", "gradient_booster", "learner_model_param", "objective",
)  # fmt: skip
PARAMETERS = ("base_score", "boost_from_average", "num_class", "num_feature", "num_target")
MODEL = ("cats", "gbtree_model_param", "iteration_indptr", "tree_info", "trees", "weight_drop")
"""The last one is DART's weights, which up to 3.3 are beside the model."""
BINARY = 2


def read_xgboost(data: bytes, classes: tuple[Any, ...] | None = None, missing: float = np.nan) -> Ensemble:
    """Read a file, as XGBoost's classes for scikit-learn predict with it: up to the best iteration where there is one.

    Args:
        data: JSON or UBJ.
        classes: the labels, by default 0, 1, 2 ...
        missing: the number that means missing, which the file does not hold.

    Raises:
        Refused: it has something that is not known to be exact, or is malformed.
    """
    with reading("XGBoost"):
        return _read(load_xgboost(data), classes, missing)


def load_xgboost(data: bytes) -> Mapping[str, Any]:
    """Decode a file."""
    # A JSON object starts with a name or ends; a UBJ object starts with the type of a name's length.
    found: Mapping[str, Any] = json.loads(data) if data[:2].strip() in (b"{", b'{"') else load_ubj(data)
    return found


def _read(document: Mapping[str, Any], classes: tuple[Any, ...] | None, missing: float) -> Ensemble:
    check_keys(document, ("learner", "version"), "the file")
    major, minor, _ = map(int, document["version"])
    if not OLDEST <= (major, minor) < NEXT:
        raise Refused(f"a file of XGBoost {major}.{minor}; versions from 2.1 to 3 are supported")
    learner = document["learner"]
    check_keys(learner, LEARNER, "the learner")
    parameters = learner["learner_model_param"]
    check_keys(parameters, PARAMETERS, "the learner's parameters")
    objective = objective_of(learner["objective"]["name"])
    if objective.rule is not None and count(parameters.get("num_target", 1), "targets", MAX_OUTPUTS) > 1:
        raise Refused("several targets of a classification of XGBoost (multi-label) are not supported")
    outputs = max(1, *(count(parameters.get(name, 1), "outputs", MAX_OUTPUTS) for name in ("num_class", "num_target")))
    if learner["objective"]["name"] == "reg:quantileerror" and outputs > 1 and (major, minor) >= SORTED:
        raise Refused("several quantiles of XGBoost 3.3 or later, which sorts them, are not supported")
    features = count(parameters["num_feature"], "features", MAX_FEATURES)
    base = margins(parameters["base_score"], objective.start, outputs)
    trees = [check_tree(tree, features) for tree in _trees(learner, base)]
    if objective.rule is None and classes is not None:
        raise Refused(f"labels for the objective {learner['objective']['name']}")
    categories = _categories(trees)
    return Ensemble(
        trees=with_start(trees, base, SINGLE),
        n_features=features,
        n_outputs=outputs,
        compare=SINGLE,
        add=SINGLE,
        treatments=tuple("floor" if feature in categories else "number" for feature in range(features)),
        missing=None if np.isnan(missing) else finite(missing, "the number that means missing"),
        link=Link(objective.link),
        classes=None if objective.rule is None else class_labels(classes, max(BINARY, outputs)),
        rule=objective.rule or "argmax",
        names=_names(learner["objective"]) if outputs > 1 else (),
    )


def _names(objective: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of outputs that are quantiles."""
    found = objective.get("quantile_loss_param", {}).get("quantile_alpha")
    return quantile_names(json.loads(found)) if found else ()


def _trees(learner: Mapping[str, Any], base: Numbers) -> list[Tree]:
    """Read the trees that are used, with DART's weights."""
    booster = learner["gradient_booster"]
    kind = booster["name"]
    if kind not in ("gbtree", "dart"):
        raise Refused(f"the booster {str(kind)[:60]!r} of XGBoost is not supported")
    check_keys(booster, ("gbtree", "name", "weight_drop") if kind == "dart" else ("model", "name"), "the booster")
    model = (booster["gbtree"] if kind == "dart" else booster)["model"]
    check_keys(model, MODEL, "the booster's model")
    used = _used(model["iteration_indptr"], learner["attributes"], len(model["trees"]))
    weights = [SINGLE(weight) for weight in (booster if kind == "dart" else model).get("weight_drop") or ()]
    if len(weights) < used and (weights or kind == "dart"):
        raise Refused("a tree of DART without a weight")
    starts = base if kind == "dart" else np.zeros(len(base))
    found: list[Tree] = []
    for number in range(used):
        native, target = model["trees"][number], int(model["tree_info"][number])
        check_keys(native, KEYS, "a tree")
        if not 0 <= target < len(base):
            raise Refused("a tree adds to an output that does not exist")
        trees = trees_of(native, target, len(base))
        found += [_weighed(tree, SINGLE(starts[tree.target]), weights[number]) for tree in trees] if weights else trees
    return found


def _used(ends: Sequence[int], attributes: Mapping[str, str], trees: int) -> int:
    """Return how many trees are used: those up to the best iteration, or all."""
    rounds = int(attributes["best_iteration"]) + 1 if "best_iteration" in attributes else len(ends) - 1
    if not 0 <= rounds < len(ends) or not 0 <= ends[rounds] <= trees:
        raise Refused("an iteration that does not exist")
    return int(ends[rounds])


def _weighed(tree: Tree, base: Any, weight: Any) -> Tree:
    """Weigh a tree as `inplace_predict` does: up to 3.3 it subtracts what a tree alone starts with."""
    value = ((base + tree.value.astype(SINGLE)) - base) * weight
    return replace(tree, value=value.astype(np.float64))


def _categories(trees: Sequence[Tree]) -> set[int]:
    """Return the features that are categories.

    Raises:
        Refused: one of them is also compared as a number.
    """
    by_set: set[int] = set()
    by_edge: set[int] = set()
    for tree in trees:
        inner = set(tree.inner.tolist())
        by_set |= set(tree.feature[list(tree.sets)].tolist())
        by_edge |= set(tree.feature[list(inner - tree.sets.keys())].tolist())
    if mixed := by_set & by_edge:
        raise Refused(f"the feature {min(mixed)} is both a number and a category")
    return by_set
