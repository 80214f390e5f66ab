"""CatBoost's trees as flat nodes: its file says which border is asked, its model in memory borders and leaves."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.nested import Question, flatten
from model_training.bundling.exact.proof.structure.nodes import Integers, Native, Nodes, Numbers, join
from model_training.bundling.exact.trees.native_file import native_file_of


def catboost_native(estimator: Any) -> Native:
    """Read a fitted estimator."""
    file = native_file_of(estimator)
    model = json.loads(file.data)
    questions = _Questions(estimator, model, file.texts)
    scale, bias = model["scale_and_bias"]
    outputs = np.size(bias)
    leaves = iter(np.array(estimator.get_leaf_values(), dtype=np.float64).reshape(-1, outputs))
    symmetric = model.get("oblivious_trees")
    parts = [_symmetric(tree, questions, leaves) for tree in symmetric or ()]
    parts += [_other(tree, questions) for tree in model.get("trees") or ()]

    def round_values(values: Numbers, asked: Integers) -> Numbers:
        rounded = values.astype(np.float32).astype(np.float64)
        for column, texts in file.texts.items():  # Texts are looked up, not compared.
            found = values[asked == column]
            rounded[asked == column] = np.where(np.isin(found, np.arange(len(texts))), found, np.nan)
        return rounded

    loss = model["model_info"]["params"]["loss_function"]["type"]
    decide = _decide(estimator, loss, float(scale), np.ravel(bias))
    return Native(join(parts), round_values, decide)


class _Questions:
    """What each question of a file is."""

    def __init__(self, estimator: Any, model: Mapping[str, Any], values: Mapping[int, Sequence[str]]) -> None:
        info = model["features_info"]
        self._numbers = {f["feature_index"]: f for f in info.get("float_features", [])}
        self._categories = {f["feature_index"]: f for f in info.get("categorical_features", [])}
        self._hashes = {str(entry["value"]): entry["hash"] % 2**32 for entry in info.get("cat_features_hash", [])}
        self._values = values
        borders = estimator.get_borders()
        self._borders = [
            (f["flat_feature_index"], border)
            for f in info.get("float_features", [])
            for border in borders.get(f["flat_feature_index"], ())
        ]

    def ask(self, split: Mapping[str, Any], yes: Any, no: Any) -> Question:
        """Return a question with its children."""
        if split["split_type"] == "FloatFeature":
            column, border = self._borders[split["split_index"]]
            feature = self._numbers[split["float_feature_index"]]
            missing_is_yes = feature["nan_value_treatment"] == "AsTrue"
            return Question(column, float(np.float32(border)), no, yes, missing_first=not missing_is_yes)
        column = self._categories[split["cat_feature_index"]]["flat_feature_index"]
        wanted = split["value"] % 2**32
        members = [code for code, text in enumerate(self._values[column]) if self._hashes.get(text) == wanted]
        return Question(column, 0.0, yes, no, members=frozenset(map(float, members)))


def _symmetric(native: Mapping[str, Any], questions: _Questions, leaves: Iterator[Any]) -> Nodes:
    """Read a tree whose answers are the bits of the number of its leaf."""
    splits = native.get("splits") or []
    mine = [next(leaves) for _ in range(2 ** len(splits))]

    def read(node: tuple[int, int]) -> Question | Any:
        depth, index = node
        if depth == 0:
            return mine[index]
        return questions.ask(splits[depth - 1], (depth - 1, index + 2 ** (depth - 1)), (depth - 1, index))

    return flatten((len(splits), 0), read)


def _other(native: Mapping[str, Any], questions: _Questions) -> Nodes:
    """Read a tree whose nodes are nested; in memory its leaves are in another order."""

    def read(node: Mapping[str, Any]) -> Question | Any:
        return questions.ask(node["split"], node["right"], node["left"]) if "split" in node else node["value"]

    return flatten(native, read)


def _decide(estimator: Any, loss: str, scale: float, bias: Any) -> Callable[[Numbers], tuple[Any, Numbers | None]]:
    """Return what CatBoost makes of sums."""

    def decide(sums: Numbers) -> tuple[Any, Numbers | None]:
        raw = sums * scale + bias
        with np.errstate(over="ignore"):
            if not hasattr(estimator, "predict_proba"):
                found = np.exp(raw) if loss in ("Poisson", "Tweedie") else raw
                return found[:, 0] if found.shape[1] == 1 else found, None
            powers = np.exp(raw - raw.max(axis=1, keepdims=True))
            second = 1 / (1 + np.exp(-raw))
        if raw.shape[1] == 1:
            return np.asarray(estimator.classes_)[(raw[:, 0] > 0).astype(int)], np.hstack([1 - second, second])
        share = second if loss == "MultiClassOneVsAll" else powers / powers.sum(axis=1, keepdims=True)
        return np.asarray(estimator.classes_)[raw.argmax(axis=1)], share

    return decide
