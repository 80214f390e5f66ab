"""Read CatBoost's own JSON, of symmetric and other trees."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.catboost.features import Features, features_of
from model_training.bundling.exact.trees.catboost.trees import other_tree, symmetric_tree
from model_training.bundling.exact.trees.checked import (
    MAX_OUTPUTS,
    check_keys,
    check_tree,
    class_labels,
    count,
    finite,
    reading,
)
from model_training.bundling.exact.trees.structure import Ensemble, Link, Rule, Tree, lone_leaf, quantile_names

KEYS = ("features_info", "model_info", "oblivious_trees", "scale_and_bias", "trees")
HALF = 0.5
LABELS: Mapping[Any, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}
"""The types of the labels in JSON, by what the file calls them."""


class Loss(NamedTuple):
    """The link, and how a class is chosen where there are classes."""

    link: str = "identity"
    rule: Rule | None = None


VALUES = (
    "RMSE", "MAE", "Quantile", "MAPE", "Huber", "Lq", "Expectile", "MultiRMSE", "MultiQuantile", "YetiRank",
    "YetiRankPairwise", "PairLogit", "PairLogitPairwise", "QueryRMSE", "QuerySoftMax", "LambdaMart", "StochasticRank",
)  # fmt: skip
"""Losses whose predictions are the sums; of rankings too."""
LOSSES = {
    **dict.fromkeys(VALUES, Loss()),
    "Logloss": Loss("logistic", "above"),
    "CrossEntropy": Loss("logistic", "above"),
    "MultiClass": Loss("softmax", "raw"),
    "MultiClassOneVsAll": Loss("logistic-of-each", "raw"),
    "Poisson": Loss("exp"),
    "Tweedie": Loss("exp"),
}


def read_catboost(
    data: bytes, classes: tuple[Any, ...] | None = None, values: Mapping[int, Sequence[str]] | None = None
) -> Ensemble:
    """Read a file that CatBoost has written as JSON.

    Args:
        data: the file.
        classes: the labels, by default those of the file.
        values: for each column that holds categories their values as text, in the order of their codes.

    Raises:
        Refused: it has something that is not known to be exact, or is malformed.
    """
    with reading("CatBoost"):
        return _read(json.loads(data), classes, values or {})


def _read(model: Mapping[str, Any], classes: tuple[Any, ...] | None, values: Mapping[int, Sequence[str]]) -> Ensemble:
    features = features_of(model, values)
    check_keys({key: value for key, value in model.items() if value}, KEYS, "the file")
    loss = _loss(model["model_info"])
    scale, bias = _scale_and_bias(model)
    trees = [check_tree(tree, features.width) for tree in _trees(model, features, len(bias))]
    if classes is not None and loss.rule is None:
        raise Refused("labels for a regression")
    return Ensemble(
        trees=tuple(trees),
        n_features=features.width,
        n_outputs=len(bias),
        # CatBoost looks up the texts behind codes; what is no code has none.
        codes={
            each.column: tuple(map(float, range(len(values[each.column])))) for each in features.categories.values()
        },
        compare=np.float32,
        scale=scale,
        bias=bias if any(bias) else (),
        link=Link(loss.link),
        classes=None if loss.rule is None else class_labels(classes or _classes(model), max(2, len(bias))),
        rule=loss.rule or "argmax",
        names=_names(model["model_info"]["params"]["loss_function"]),
    )


def _loss(info: Mapping[str, Any]) -> Loss:
    name = info["params"]["loss_function"]["type"]
    if name not in LOSSES:
        raise Refused(f"the loss {str(name)[:60]!r} of CatBoost is not supported")
    threshold = float(info.get("binclass_probability_threshold", HALF))
    if threshold != HALF:
        raise Refused(f"a threshold of {threshold:g} for the label is not supported")
    return LOSSES[name]


def _names(loss: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of outputs that are quantiles."""
    if loss["type"] != "MultiQuantile":
        return ()
    return quantile_names([float(quantile) for quantile in loss["params"]["alpha"].split(",")])


def _scale_and_bias(model: Mapping[str, Any]) -> tuple[float, tuple[float, ...]]:
    scale, bias = model["scale_and_bias"]
    found = tuple(finite(number, "the bias") for number in (bias if isinstance(bias, list) else [bias]))
    count(len(found), "outputs", MAX_OUTPUTS)
    return finite(scale, "the scale"), found or (0.0,)


def _trees(model: Mapping[str, Any], features: Features, outputs: int) -> list[Tree]:
    symmetric = [symmetric_tree(native, features, outputs) for native in model.get("oblivious_trees") or ()]
    others = [other_tree(native, features, outputs) for native in model.get("trees") or ()]
    if symmetric and others:
        raise Refused("trees of two kinds")
    return symmetric or others or [lone_leaf(0.0, output) for output in range(outputs)]


def _classes(model: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the labels; CatBoost reads them at the numbers of the classes, without a look at how many there are."""
    described = model["model_info"].get("class_params", {})
    labels, numbers = described.get("class_names"), described.get("class_to_label", [])
    if numbers != list(range(len(labels or numbers))):
        raise Refused("the labels have classes that the training data lacked, or their order is damaged")
    if labels and {type(label) for label in labels} - set(LABELS.get(described.get("class_label_type"), ())):
        raise Refused("the labels are not of the type that the file says")
    return tuple(labels) if labels else None
