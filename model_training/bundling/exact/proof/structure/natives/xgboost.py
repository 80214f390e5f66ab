"""XGBoost's trees as flat nodes, read from its own dump, which is another text than the file that is compiled."""

import ctypes
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.nested import Question, flatten
from model_training.bundling.exact.proof.structure.nodes import Integers, Native, Nodes, Numbers, join
from model_training.bundling.exact.trees.native_file import native_file_of

SINGLE = np.float32
Decide = Callable[[Any], Any]


def xgboost_native(estimator: Any) -> Native:
    """Read a fitted estimator."""
    import xgboost

    raw = estimator.get_booster().save_raw("ubj")
    types, best = estimator.get_booster().feature_types or [], estimator.get_booster().attr("best_iteration")
    # Whole numbers are dumped with their conditions rounded; as any other numbers they are not.
    booster = xgboost.Booster(model_file=raw)
    booster.feature_names = None
    booster.feature_types = ["c" if kind == "c" else "q" for kind in types] or None
    config = json.loads(booster.save_config())["learner"]
    outputs = max(1, *(int(config["learner_model_param"][key]) for key in ("num_class", "num_target")))
    parts = _trees(booster, config, outputs, None if best is None else int(best) + 1)
    columns = np.array([i for i, kind in enumerate(types) if kind == "c"], dtype=np.int64)

    sparse = native_file_of(estimator).sparse

    def round_values(values: Numbers, asked: Integers) -> Numbers:
        single = np.where(sparse & (values == 0), np.nan, values).astype(SINGLE)
        single = np.where(single == SINGLE(np.nan if estimator.missing is None else estimator.missing), np.nan, single)
        return np.where(np.isin(asked, columns)[:, None], np.floor(single), single).astype(np.float64)

    decide = _decide(estimator, config["objective"]["name"])
    return Native(join(parts), round_values, decide, add=SINGLE)


def _trees(booster: Any, config: Mapping[str, Any], outputs: int, rounds: int | None) -> list[Nodes]:
    """Read the dump of the trees that are used; the base score is added first, and trees dropped by DART weigh less."""
    kind, gradient_booster = config["gradient_booster"]["name"], config["gradient_booster"]
    parallel = int(
        (gradient_booster["gbtree"] if kind == "dart" else gradient_booster)["gbtree_model_param"]["num_parallel_tree"]
    )
    dumped = booster.get_dump(dump_format="json")
    trees = [flatten(json.loads(text), _node) for text in dumped]
    in_round = parallel * (1 if trees and trees[0].leaf.shape[1] > 1 else outputs)
    trees = trees[: None if rounds is None else rounds * in_round]
    base, weights = _base(config, outputs), _weights(booster, len(trees))
    parts, started = [], set()
    for number, tree in enumerate(trees):
        for column in range(tree.leaf.shape[1]):
            output = column if tree.leaf.shape[1] > 1 else number // parallel % outputs
            leaf = tree.leaf[:, [column]].astype(SINGLE)
            if kind == "dart":
                leaf = (base[output] + leaf) - base[output]
            leaf = leaf * weights[number]
            leaf = leaf if output in started else base[output] + leaf
            started.add(output)
            target = np.full(len(leaf), output)
            parts.append(replace(tree, leaf=leaf.astype(np.float64), target=target))
    return parts


def _node(node: Mapping[str, Any]) -> Question | Any:
    if "leaf" in node:
        return np.asarray(node["leaf"], SINGLE)
    children = {child["nodeid"]: child for child in node["children"]}
    column = int(str(node["split"]).removeprefix("f"))
    condition, missing = node["split_condition"], node["missing"] == node["yes"]
    yes, no = children[node["yes"]], children[node["no"]]
    if isinstance(condition, list):
        return Question(column, 0.0, yes, no, missing, frozenset(map(float, condition)))
    # Yes is less than; that is at most the float32 before.
    with np.errstate(over="ignore"):
        return Question(column, float(np.nextafter(SINGLE(condition), SINGLE(-np.inf))), yes, no, missing)


def _base(config: Mapping[str, Any], outputs: int) -> Any:
    """Return what sums start with."""
    text = config["learner_model_param"]["base_score"].strip("[]")
    score = np.array([SINGLE(part) for part in text.split(",")])
    name = config["objective"]["name"]
    if name in ("binary:logistic", "reg:logistic"):
        score = -_logf(SINGLE(1) / score - SINGLE(1))
    elif name in ("count:poisson", "reg:gamma", "reg:tweedie"):
        score = _logf(score)
    return np.resize(score.astype(SINGLE), outputs)


def _logf(values: Any) -> Any:
    """Take logarithms as the C library that XGBoost calls does."""
    function = ctypes.CDLL(None).logf
    function.restype, function.argtypes = ctypes.c_float, (ctypes.c_float,)
    return np.array([function(value) for value in values], dtype=SINGLE)


def _weights(booster: Any, trees: int) -> Sequence[Any]:
    """Return DART's weights, which only the file has; those of other boosters are 1."""
    found = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    weights = found.get("weight_drop") or found.get("model", {}).get("weight_drop") or [1] * trees
    return [SINGLE(weight) for weight in weights]


def _decide(estimator: Any, name: str) -> Callable[[Numbers], tuple[Any, Numbers | None]]:
    """Return what XGBoost and its class for scikit-learn make of sums, in float32."""
    from scipy.special import expit, softmax

    def probabilities(sums: Any) -> Any:
        if name.startswith("multi:"):
            return softmax(sums, axis=1)
        second = (sums > 0).astype(SINGLE) if name == "binary:hinge" else expit(sums).astype(SINGLE)
        return np.concatenate([1 - second, second], axis=1)

    def decide(numbers: Numbers) -> tuple[Any, Numbers | None]:
        sums = numbers.astype(SINGLE)
        if hasattr(estimator, "predict_proba"):
            share = probabilities(sums)
            chosen = sums.argmax(axis=1) if name == "multi:softmax" else share.argmax(axis=1)
            return np.asarray(estimator.classes_)[chosen], share
        if name == "reg:logistic":
            sums = expit(sums)
        elif name in ("count:poisson", "reg:gamma", "reg:tweedie"):
            with np.errstate(over="ignore"):
                sums = np.exp(sums)
        return sums[:, 0] if sums.shape[1] == 1 else sums, None

    return decide
