"""The features of CatBoost's file: their columns, where missing numbers go, and the hashes of categories."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import MAX_FEATURES, check_keys, count

KINDS = ("cat_features_hash", "categorical_features", "float_features")
TREATMENTS = {"AsTrue": True, "AsFalse": False, "AsIs": False}
MASK = 2**32 - 1


class Feature(NamedTuple):
    """The column, and for numbers whether a missing one counts as larger than every border."""

    column: int
    missing_is_larger: bool = False


class Features(NamedTuple):
    """The features by their numbers in the file."""

    numbers: Mapping[int, Feature]
    categories: Mapping[int, Feature]
    codes: Mapping[int, Mapping[int, int]]
    """For each categorical feature the code of each hash."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.numbers) + len(self.categories)


def features_of(model: Mapping[str, Any], values: Mapping[int, Sequence[str]]) -> Features:
    """Read the features.

    Args:
        model: the file.
        values: for each column that holds categories their values as text, in the order of their codes.

    Raises:
        Refused: a feature is made of targets, texts or embeddings, or the file lacks the texts of categories.
    """
    info = model["features_info"]
    if model.get("ctrs") or model.get("ctr_data") or info.get("ctrs"):
        raise Refused("categories that CatBoost turns into statistics of the target (CTRs) are not supported")
    check_keys({key: value for key, value in info.items() if value}, KINDS, "the list of features")
    numbers = {
        int(f["feature_index"]): Feature(_column(f), TREATMENTS[f["nan_value_treatment"]])
        for f in info.get("float_features", ())
    }
    categories = {int(f["feature_index"]): Feature(_column(f)) for f in info.get("categorical_features", ())}
    columns = sorted(feature.column for feature in (*numbers.values(), *categories.values()))
    if columns != list(range(len(columns))):
        raise Refused("the columns of features are not 0, 1, 2 ...")
    texts = {str(entry["value"]): int(entry["hash"]) & MASK for entry in info.get("cat_features_hash", ())}
    return Features(numbers, categories, {f: _codes(texts, c.column, values) for f, c in categories.items()})


def _column(feature: Mapping[str, Any]) -> int:
    return count(feature["flat_feature_index"], "columns", MAX_FEATURES)


def _codes(texts: Mapping[str, int], column: int, values: Mapping[int, Sequence[str]]) -> dict[int, int]:
    if not texts:
        raise Refused("the file lacks the texts of categories: save it with pool=")
    if column not in values:
        raise Refused(f"the values of the categories in column {column} are not known")
    return {texts[text]: code for code, text in enumerate(values[column]) if text in texts}
