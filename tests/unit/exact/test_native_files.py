"""model_training/bundling/exact/trees: files that are malformed or have what is not supported."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.catboost.read import read_catboost
from model_training.bundling.exact.trees.evaluation import sums
from model_training.bundling.exact.trees.lightgbm.read import pandas_categories, read_lightgbm
from model_training.bundling.exact.trees.lightgbm.text import without_unread
from model_training.bundling.exact.trees.native_file import native_file_of
from model_training.bundling.exact.trees.structure import Ensemble
from model_training.bundling.exact.trees.xgboost.read import load_xgboost, read_xgboost

RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(size=200), RNG.integers(0, 6, 200)])
Y = (X[:, 0] + (X[:, 1] % 2) > 0).astype(int)
ROWS = np.array([[0.1, 2.0], [np.nan, np.nan], [-3.0, 7.5]])
TIMES = 1500
STRANGE: list[Any] = [
    None, True, -1, 0, 1, 2, 10**6, 2**31, 2**63, 10**30, -0.5, 1e400, float("nan"), "", "x", "-1", "9" * 400, "1e999",
    [], {}, [1], [[]], {"a": 1}, "[nan]", "binary:logistic", "dart",
]  # fmt: skip


@cache
def xgboost_file() -> bytes:
    """Fit two trees with sets of categories, as JSON."""
    import xgboost

    options = {"n_estimators": 2, "max_depth": 2, "n_jobs": 1, "enable_categorical": True, "feature_types": ["q", "c"]}
    return bytes(xgboost.XGBClassifier(**options).fit(X, Y).get_booster().save_raw("json"))


@cache
def vectors_file() -> bytes:
    """Fit two trees on two targets, with leaves that are vectors."""
    import xgboost

    options = {"n_estimators": 2, "max_depth": 2, "n_jobs": 1, "multi_strategy": "multi_output_tree"}
    model = xgboost.XGBRegressor(**options).fit(X, np.column_stack([X[:, 0], Y]))
    return bytes(model.get_booster().save_raw("json"))


@cache
def ubj_file() -> bytes:
    """Fit the same, as UBJ."""
    import xgboost

    return bytes(xgboost.Booster(model_file=bytearray(xgboost_file())).save_raw("ubj"))


@cache
def lightgbm_file() -> bytes:
    """Fit two trees with sets of categories."""
    import lightgbm

    options: dict[str, Any] = {"n_estimators": 2, "num_leaves": 4, "n_jobs": 1, "verbose": -1, "min_data_per_group": 2}
    estimator = lightgbm.LGBMClassifier(**options).fit(X, Y, categorical_feature=[1])
    return native_file_of(estimator).data


@cache
def catboost_file(policy: str = "SymmetricTree") -> bytes:
    """Fit two trees."""
    import catboost

    options: dict[str, Any] = {"iterations": 2, "depth": 2, "thread_count": 1, "verbose": 0}
    estimator = catboost.CatBoostClassifier(**options, grow_policy=policy, allow_writing_files=False)
    return native_file_of(estimator.fit(X, Y)).data


Read = Callable[[bytes], Ensemble]
FILES: dict[str, tuple[Callable[[], bytes], Read]] = {
    "xgboost": (xgboost_file, read_xgboost),
    "xgboost, vectors": (vectors_file, read_xgboost),
    "catboost": (catboost_file, read_catboost),
    "catboost, depthwise": (lambda: catboost_file("Depthwise"), read_catboost),
}
BYTES: dict[str, tuple[Callable[[], bytes], Read]] = {
    **FILES,
    "xgboost, ubj": (ubj_file, read_xgboost),
    "lightgbm": (lightgbm_file, read_lightgbm),
}


def survives(read: Read, data: bytes) -> bool:
    """Tell whether a file is read, and then evaluated; anything else than a refusal fails the test."""
    try:
        ensemble = read(data)
    except Refused:
        return False
    with np.errstate(all="ignore"):
        assert sums(ensemble, np.resize(ROWS, (3, ensemble.n_features))).shape == (3, ensemble.n_outputs)
    return True


def places(document: Any) -> list[tuple[Any, Any]]:
    """List all places of a JSON document: the container and the key."""
    found: list[tuple[Any, Any]] = []
    todo = [document]
    for container in todo:
        keys = list(container) if isinstance(container, dict) else range(len(container))
        found += [(container, key) for key in keys]
        todo += [container[key] for key in keys if isinstance(container[key], dict | list)]
    return found


@pytest.mark.parametrize("name", FILES)
def test_changed_documents_are_refused_or_evaluated(name: str) -> None:
    """Whatever a field is replaced with, or where one is missing, there is no traceback and no endless loop."""
    make, read = FILES[name]
    rng = np.random.default_rng(1)
    assert survives(read, make())
    refused = 0
    for _ in range(TIMES):
        document = json.loads(make())
        every = places(document)
        # Lists are long: half of the time, choose among what is not in one.
        named = [(container, key) for container, key in every if isinstance(container, dict)]
        candidates = named if rng.random() < 0.5 else every
        container, key = candidates[int(rng.integers(len(candidates)))]
        if rng.random() < 0.2:
            del container[key]
        else:
            container[key] = STRANGE[int(rng.integers(len(STRANGE)))]
        refused += not survives(read, json.dumps(document).encode())
    assert refused > TIMES // 10


@pytest.mark.parametrize("name", BYTES)
def test_changed_bytes_are_refused_or_evaluated(name: str) -> None:
    """Bytes replaced, cut off and doubled do no harm either."""
    make, read = BYTES[name]
    rng = np.random.default_rng(2)
    for _ in range(TIMES):
        data = bytearray(make())
        start = int(rng.integers(len(data)))
        end = start + int(rng.choice([0, 1, 1, 1, 4, 100, len(data)]))
        others = [bytes(rng.integers(0, 256, 2, dtype=np.uint8)), b"9", b"-", b"", bytes(data[:50])]
        data[start:end] = others[int(rng.integers(len(others)))]
        survives(read, bytes(data))


def changed(data: bytes, **changes: Any) -> bytes:
    """Change fields of a JSON document; a key gives the way to one, with `__` between steps."""
    document = json.loads(data)
    for way, value in changes.items():
        *before, last = way.split("__")
        place = document
        for step in before:
            place = place[int(step) if isinstance(place, list) else step]
        place[last] = value
    return json.dumps(document).encode()


def test_lightgbm_gets_only_what_is_read() -> None:
    """Its predictions are the same; a text without lengths that it trusts cannot let it read beyond its memory."""
    import lightgbm

    kept = without_unread(lightgbm_file())
    assert not any(word in kept for word in (b"parameters", b"tree_sizes", b"leaf_count", b"feature_importances"))
    same, whole = (lightgbm.Booster(model_str=text.decode()) for text in (kept, lightgbm_file()))
    assert np.array_equal(same.predict(X), whole.predict(X))
    assert read_lightgbm(kept).n_nodes == read_lightgbm(lightgbm_file()).n_nodes


def test_lightgbm_gets_trees_that_are_lone_leaves() -> None:
    """Their fields without a value are no flags."""
    import lightgbm

    model = lightgbm.LGBMRegressor(n_estimators=2, min_child_samples=10_000, verbose=-1).fit(X, X[:, 0])
    kept = without_unread(model.booster_.model_to_string().encode())
    assert np.array_equal(lightgbm.Booster(model_str=kept.decode()).predict(X), model.predict(X))


TREE = "learner__gradient_booster__model__trees__0"
NO_NODE = 2**31 - 1
UNSUPPORTED: dict[str, tuple[Read, Callable[[], bytes], str]] = {
    "gblinear": (
        read_xgboost, lambda: changed(xgboost_file(), learner__gradient_booster__name="gblinear"), "booster 'gblinear'",
    ),
    "an objective of XGBoost": (
        read_xgboost, lambda: changed(xgboost_file(), learner__objective__name="survival:aft"), "'survival:aft'",
    ),
    "vectors of XGBoost": (
        read_xgboost, lambda: changed(xgboost_file(), **{f"{TREE}__tree_param__size_leaf_vector": "2"}),
        "another number of outputs",
    ),
    "vectors of an old XGBoost": (
        read_xgboost, lambda: vectors_file().replace(b'"leaf_weights"', b'"sum_hessian"', 1), "XGBoost 3.1 or later",
    ),
    "a leaf without a vector": (
        read_xgboost, lambda: changed(vectors_file(), **{f"{TREE}__right_children": [-1] * 7}), "without a vector",
    ),
    "several labels": (
        read_xgboost, lambda: changed(xgboost_file(), learner__learner_model_param__num_target="2"), "multi-label",
    ),
    "an old XGBoost": (read_xgboost, lambda: changed(xgboost_file(), version=[1, 7, 0]), "XGBoost 1.7"),
    "a later XGBoost": (read_xgboost, lambda: changed(xgboost_file(), version=[4, 0, 0]), "XGBoost 4.0"),
    "a new field of XGBoost": (read_xgboost, lambda: changed(xgboost_file(), learner__more=1), "the field 'more'"),
    "children that form a loop": (
        read_xgboost, lambda: changed(xgboost_file(), **{f"{TREE}__left_children": [1, 0, -1, -1, -1, -1, -1]}), "",
    ),
    "a parent that is no node": (
        read_xgboost, lambda: changed(xgboost_file(), **{f"{TREE}__parents": [NO_NODE, 0, 0, 1, 5]}), "no node",
    ),
    "parents that are not those of the children": (
        read_xgboost, lambda: changed(xgboost_file(), **{f"{TREE}__parents": [NO_NODE, 0, 0, 1, 2]}), "contradict",
    ),
    "a base score of 0": (
        read_xgboost, lambda: changed(xgboost_file(), learner__learner_model_param__base_score="[0E0]"), "base score",
    ),
    "linear trees": (
        read_lightgbm, lambda: lightgbm_file().replace(b"is_linear=0", b"is_linear=1"), "linear trees",
    ),
    "an objective of LightGBM": (
        read_lightgbm, lambda: lightgbm_file().replace(b"objective=binary", b"objective=binary2"), "'binary2'",
    ),
    "an objective of your own": (
        read_lightgbm, lambda: lightgbm_file().replace(b"objective=binary sigmoid:1\n", b""), "of your own",
    ),
    "an old LightGBM": (read_lightgbm, lambda: lightgbm_file().replace(b"version=v4", b"version=v2"), "'v2'"),
    "bounds of sets": (
        read_lightgbm, lambda: lightgbm_file().replace(b"num_cat=1", b"num_cat=2"), "bounds of its sets",
    ),
    "no end of trees": (read_lightgbm, lambda: lightgbm_file().partition(b"end of trees")[0], "end of trees"),
    "a loss of CatBoost": (
        read_catboost,
        lambda: changed(catboost_file(), model_info__params__loss_function__type="Focal"), "loss 'Focal'",
    ),
    "statistics of the target": (
        read_catboost, lambda: changed(catboost_file(), features_info__ctrs=[{"a": 1}]), "CTRs",
    ),
    "texts": (
        read_catboost, lambda: changed(catboost_file(), features_info__text_features=[{"a": 1}]), "'text_features'",
    ),
    "another threshold": (
        read_catboost, lambda: changed(catboost_file(), model_info__binclass_probability_threshold="0.3"), "0.3",
    ),
    "no file of XGBoost": (read_xgboost, lambda: b"PK\x03\x04", "damaged"),
    "nothing": (read_xgboost, lambda: b"", "damaged"),
    "labels of classes that are not in the trees": (
        read_catboost, lambda: changed(catboost_file(), model_info__class_params__class_to_label=[0, -1]), "classes",
    ),
    "a label of another type": (
        read_catboost, lambda: changed(catboost_file(), model_info__class_params__class_names=[False, 1]), "type",
    ),
    "nothing of CatBoost": (read_catboost, lambda: b"", "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_is_not_supported_is_refused_by_name(name: str) -> None:
    """The message names what stands in the way."""
    read, make, message = UNSUPPORTED[name]
    with pytest.raises(Refused) as refused:
        read(make())
    assert message in str(refused.value)


def test_a_file_with_a_statistic_of_the_target_is_refused() -> None:
    """CatBoost makes one of every category with many values."""
    import catboost

    rows = np.column_stack([X[:, 0].astype(object), [f"v{int(v)}" for v in X[:, 1]]])
    estimator = catboost.CatBoostClassifier(iterations=3, verbose=0, thread_count=1, allow_writing_files=False)
    with pytest.raises(Refused, match="CTRs"):
        native_file_of(estimator.fit(rows, Y, cat_features=[1])).read()


def test_json_and_ubj_hold_the_same() -> None:
    """Both are the same document; numbers are float32."""
    one, two = load_xgboost(xgboost_file()), load_xgboost(ubj_file())
    assert one.keys() == two.keys()
    assert one["learner"]["learner_model_param"] == two["learner"]["learner_model_param"]
    for a, b in zip(read_xgboost(xgboost_file()).trees, read_xgboost(ubj_file()).trees, strict=True):
        assert (a.threshold == b.threshold).all()
        assert (a.value == b.value).all()
        assert a.sets == b.sets


def test_weights_of_trees_are_in_the_model_since_xgboost_3_4() -> None:
    """There a leaf is weighed as it is."""
    model = "learner__gradient_booster__model__weight_drop"
    weighed = read_xgboost(changed(xgboost_file(), **{model: [1.0, 0.5]}))
    plain = read_xgboost(xgboost_file())
    assert (weighed.trees[0].value == plain.trees[0].value).all()
    assert (weighed.trees[1].value == plain.trees[1].value.astype(np.float32) * np.float32(0.5)).all()


def test_labels_are_those_given() -> None:
    """As many as there are classes."""
    assert read_lightgbm(lightgbm_file(), ("no", "yes")).classes == ("no", "yes")
    assert read_xgboost(xgboost_file()).classes == (0, 1)
    with pytest.raises(Refused, match="3 labels for 2 classes"):
        read_lightgbm(lightgbm_file(), (1, 2, 3))


def test_categories_of_pandas_are_at_the_end_of_the_text() -> None:
    """In the order of their codes; None where there are none."""
    assert pandas_categories(b'end of trees\n\npandas_categorical:[["a", "b"]]\n') == [["a", "b"]]
    assert pandas_categories(b"end of trees\n\npandas_categorical:null\n") is None
