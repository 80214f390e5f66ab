"""Read LightGBM's own text, of versions 3.3 to 4."""

import json
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
    reading,
)
from model_training.bundling.exact.trees.lightgbm.objectives import objective_of
from model_training.bundling.exact.trees.lightgbm.text import HEAD, VERSIONS, sections_of
from model_training.bundling.exact.trees.lightgbm.trees import Treatments, tree_of
from model_training.bundling.exact.trees.structure import Ensemble, lone_leaf

BINARY = 2


def read_lightgbm(data: bytes, classes: tuple[Any, ...] | None = None) -> Ensemble:
    """Read a text, which holds the trees up to the best iteration.

    Args:
        data: the text.
        classes: the labels, by default 0, 1, 2 ...

    Raises:
        Refused: it has something that is not known to be exact, or is malformed.
    """
    with reading("LightGBM"):
        return _read(data.decode(), classes)


def pandas_categories(data: bytes) -> list[list[Any]] | None:
    """Return the categories of each column of pandas' kind category, in the order of their codes."""
    with reading("LightGBM"):
        found = data.decode().rpartition("\npandas_categorical:")[2].strip()
        lists: list[list[Any]] | None = json.loads(found) if found else None
        return lists


def coded_columns(data: bytes) -> list[int]:
    """Return the positions of the columns whose values are codes of categories; one without information is none."""
    with reading("LightGBM"):
        infos = sections_of(data.decode())[0].get("feature_infos", "").split()
        return [place for place, info in enumerate(infos) if info != "none" and not info.startswith("[")]


def _read(text: str, classes: tuple[Any, ...] | None) -> Ensemble:
    head, bodies = sections_of(text)
    check_keys(head, HEAD, "the head")
    if head.get("version") not in VERSIONS:
        raise Refused(f"a text of LightGBM's version {head.get('version', '')[:20]!r}; v3 and v4 are supported")
    objective = objective_of(head.get("objective", ""))
    outputs = count(head["num_tree_per_iteration"], "outputs", MAX_OUTPUTS)
    features = count(head["max_feature_idx"], "features", MAX_FEATURES) + 1
    if not outputs or len(bodies) % outputs:
        raise Refused("a round of trees is not complete")
    treatments = Treatments()
    trees = [tree_of(body, number % outputs, treatments) for number, body in enumerate(bodies)]
    checked = [check_tree(tree, features) for tree in trees] or [lone_leaf(0.0, output) for output in range(outputs)]
    if classes is not None and not objective.has_classes:
        raise Refused(f"labels for the objective {head['objective']}")
    return Ensemble(
        trees=tuple(checked),
        n_features=features,
        n_outputs=outputs,
        treatments=tuple(treatments.found.get(feature, "number") for feature in range(features)),
        divisor=_divisor(head, len(bodies) // outputs),
        link=objective.link,
        classes=class_labels(classes, max(BINARY, outputs)) if objective.has_classes else None,
    )


def _divisor(head: dict[str, str], rounds: int) -> float:
    """Return what sums are divided by: random forests average."""
    return float(np.maximum(rounds, 1)) if "average_output" in head else 1.0
