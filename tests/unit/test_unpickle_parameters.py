"""Constructor parameters of fitted models: indexes and texts of pandas, selectors, caches, distributions, partials."""

import importlib
import io
import pickle
import random
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from function.errors import Refused
from function.model.joblib.unpickle import unpickle
from tests.support.fuzz import mutated_bytes, numbers, report
from tests.unit.malicious_corpus import (
    PROTOCOL_4,
    Call,
    Reduced,
    dumped,
    named,
    system,
    text,
)

stats = importlib.import_module("scipy.stats")
CITIES = pd.Series(["Lima", "Quito", "São Paulo", "Lima"], dtype="str")
TEXTS = CITIES.array
NEW_INDEX = pd.Index(["a"]).__reduce__()[0]
RESTORE, TEXT_TYPE, BUFFER = (
    getattr(importlib.import_module("pyarrow").lib, name) for name in ("_restore_array", "type_for_alias", "py_buffer")
)
MAX_BYTES = 2**24


def load(value: Any) -> Any:
    """Write a value as joblib does, and read it."""
    return unpickle(dumped(value), MAX_BYTES).object


def refusal(data: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(Refused) as refused:
        unpickle(data, MAX_BYTES)
    return str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        pd.Index(["a", "b"]),
        pd.Index(["a", None]),
        pd.Index(["a", "b"], dtype=object),
        pd.Index([1, 2]),
        pd.Index([0.5, np.nan]),
        pd.Index([]),
        pd.RangeIndex(3),
        pd.RangeIndex(9, 0, -2),
        CITIES.unique(),
        CITIES.array[1:3],
        CITIES.astype("category").cat.categories,
        pd.array(["a", None], dtype=pd.StringDtype("python", np.nan)),
        pd.array([], dtype="str"),
    ],
    ids=lambda _: "",
)
def test_indexes_and_texts_become_arrays(value: Any) -> None:
    """With the same values in the same order; missing ones are NaN."""
    made = load(value)
    assert type(made) is np.ndarray
    pd.testing.assert_index_equal(pd.Index(made, dtype=object), pd.Index(np.asarray(value, dtype=object), dtype=object))


def test_texts_of_old_versions_become_arrays() -> None:
    """In parts, and with offsets of 32 bits."""
    (whole,) = load([pa.chunked_array([["a", "é"], [None]])])
    assert whole[:2].tolist() == ["a", "é"]
    assert np.isnan(whole[2])


X = pd.DataFrame({"city": [*CITIES] * 5, "weight": np.arange(20.0)})
Y = np.arange(20) % 3 > 0
NUMBERS, NAMES = X.select_dtypes("number").columns, X[["city"]].columns


def search(chosen: Any) -> Any:
    """Make a search over a parameter."""
    encoder = make_column_transformer((StandardScaler(), NUMBERS), (OneHotEncoder(), NAMES))
    pipeline = make_pipeline(encoder, LogisticRegression())
    return RandomizedSearchCV(pipeline, {"logisticregression__C": chosen}, n_iter=2, cv=2, random_state=0)


NOTEBOOK: dict[str, Callable[[], Any]] = {
    "index": lambda: make_pipeline(
        make_column_transformer((StandardScaler(), NUMBERS), (OneHotEncoder(), NAMES)), LogisticRegression()
    ),
    "selector": lambda: make_pipeline(
        make_column_transformer(
            (StandardScaler(), make_column_selector(dtype_include=np.number)),
            (OneHotEncoder(), make_column_selector(pattern="^ci", dtype_exclude="number")),
        ),
        LogisticRegression(),
    ),
    "categories": lambda: make_pipeline(
        make_column_transformer((OrdinalEncoder(categories=[CITIES.unique()]), ["city"])), LogisticRegression()
    ),
    "memory": lambda: Pipeline(
        [("encode", make_column_transformer((StandardScaler(), NUMBERS))), ("classify", LogisticRegression())],
        memory=joblib.Memory(None),
    ),
    "loguniform": lambda: search(stats.loguniform(0.1, 10)),
    "randint": lambda: search(stats.randint(1, 5)),
    "partial": lambda: make_pipeline(
        make_column_transformer((StandardScaler(), NUMBERS)),
        SelectKBest(partial(mutual_info_classif, random_state=0), k=1),
        LogisticRegression(),
    ),
}


@pytest.mark.parametrize("name", NOTEBOOK)
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_model_of_a_notebook_predicts_the_same(name: str, protocol: int) -> None:
    """What only its constructor needed is replaced, or left out."""
    model = NOTEBOOK[name]().fit(X, Y)
    made = unpickle(pickle.dumps(model, protocol=protocol), MAX_BYTES).object
    assert made.predict_proba(X).tolist() == model.predict_proba(X).tolist()


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1.5, np.nan], index=["a", "b"], name="median"),
        pd.Series([1, 2]),
        pd.Series([True, False], index=["a", "b"]),
        pd.Series(["x", None], dtype=object),
        pd.Series([], dtype=float),
    ],
    ids=lambda _: "",
)
def test_a_series_is_read(series: Any) -> None:
    """With its labels, values and name."""
    pd.testing.assert_series_equal(load(series), series, check_index_type=False)


@pytest.mark.parametrize(
    "layout",
    [
        {"axes": [np.array([1, 2])], "blocks": [{"values": np.array([1.0])}]},
        {"axes": [np.array([1])], "blocks": [{"values": np.ones((1, 1))}]},
        {"axes": [np.array([1])], "blocks": [{"values": [1.0]}]},
        {"axes": [np.array([1])], "blocks": []},
        {"axes": [], "blocks": [{"values": np.array([1.0])}]},
        {"axes": [pd.Series], "blocks": [{"values": np.array([1.0])}]},
    ],
    ids=lambda _: "",
)
def test_a_series_has_a_label_for_each_value(layout: Any) -> None:
    """Or it is refused, as is one without values."""
    series = pickle.dumps(pd.Series([1.0]), protocol=4)
    manager = type(pd.Series([1.0])._mgr)  # noqa: SLF001 - what a pickle names
    made = PROTOCOL_4 + named(manager.__module__, manager.__name__) + pickle.EMPTY_TUPLE + pickle.NEWOBJ
    state = pickle.dumps(([], [], [], {"0.14.1": layout}), protocol=2)[2:-1]
    assert unpickle(series, MAX_BYTES).object.tolist() == [1.0]
    assert refusal(made + state + pickle.BUILD + pickle.STOP)
    empty = PROTOCOL_4 + named("pandas", "Series") + pickle.EMPTY_TUPLE + pickle.NEWOBJ
    assert refusal(empty + pickle.dumps({"_mgr": None}, protocol=2)[2:-1] + pickle.BUILD + pickle.STOP)


def test_a_cache_is_left_out(tmp_path: Path) -> None:
    """With its folder, whose name may be a path."""
    (made,) = load([joblib.Memory(tmp_path, verbose=0)])
    assert made is None
    assert load([tmp_path, 1]) == [None, 1]


def arrow(**changes: Any) -> bytes:
    """Write Arrow's texts "a", "b" with something else in its state."""
    kept = {
        "type": Reduced(TEXT_TYPE, ("large_string",)),
        "length": 2,
        "offset": 0,
        "mask": None,
        "offsets": np.array([0, 1, 2]).tobytes(),
        "content": b"ab",
        "children": [],
        "dictionary": None,
    } | changes
    buffers = [
        None if kept[name] is None else Reduced(BUFFER, (kept[name],)) for name in ("mask", "offsets", "content")
    ]
    state = (kept["type"], kept["length"], 0, kept["offset"], buffers, kept["children"], kept["dictionary"])
    return pickle.dumps(Reduced(RESTORE, (state,)))


def test_an_array_of_arrow_is_read_when_nothing_is_changed() -> None:
    """Or the tests below would say nothing."""
    assert unpickle(arrow(), MAX_BYTES).object.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "changes",
    [
        {"length": 3},
        {"length": -1},
        {"length": 2.0},
        {"length": 2**62, "offset": 2**62},
        {"offset": 1},
        {"offset": -1},
        {"offsets": np.array([0, 1, 3]).tobytes()},
        {"offsets": np.array([0, 2, 1]).tobytes()},
        {"offsets": np.array([-1, 1, 2]).tobytes()},
        {"offsets": np.array([0, 1, 2**62]).tobytes()},
        {"offsets": b"\0" * 23},
        {"offsets": None},
        {"content": None},
        {"content": b"\xff\xff"},
        {"mask": b"", "length": 2},
        {"offsets": [0, 1, 2]},
        {"type": "int64"},
        {"type": Reduced(TEXT_TYPE, ("int64",))},
        {"children": [1]},
        {"dictionary": 1},
    ],
    ids=lambda _: "",
)
def test_an_array_of_arrow_stays_within_its_buffers(changes: dict[str, Any]) -> None:
    """Arrow itself would read beyond them."""
    assert refusal(arrow(**changes))


@pytest.mark.parametrize(
    "index",
    [
        Reduced(NEW_INDEX, (pd.RangeIndex, {"start": 0, "stop": 10**6, "step": 1})),
        Reduced(NEW_INDEX, (pd.RangeIndex, {"start": 0, "stop": 2**70, "step": 1})),
        Reduced(NEW_INDEX, (pd.RangeIndex, {"start": 0, "stop": 3, "step": 0})),
        Reduced(NEW_INDEX, (pd.RangeIndex, {"start": 0.0, "stop": 3, "step": 1})),
        Reduced(NEW_INDEX, (pd.RangeIndex, {})),
        Reduced(NEW_INDEX, (pd.Index, {"data": ["a"]})),
        Reduced(NEW_INDEX, (pd.Index, {"data": np.zeros((2, 2))})),
        Reduced(NEW_INDEX, (pd.Index, {"data": pd.Index})),
        Reduced(NEW_INDEX, (pd.Index, [])),
        Reduced(NEW_INDEX, (np.ndarray, {"data": np.zeros(2)})),
        Reduced(NEW_INDEX, (DummyClassifier, {"data": np.zeros(2)})),
        pd.Index,
        TEXTS.dtype,
    ],
    ids=lambda _: "",
)
def test_an_index_is_one_list_of_values(index: Any) -> None:
    """Of a bounded length."""
    assert refusal(pickle.dumps([index] if index is not pd.Index and index is not TEXTS.dtype else index))


def test_many_copies_are_counted() -> None:
    """A few bytes may ask for a long index, or for texts of the same buffer, again and again."""
    once = (pd.RangeIndex, {"start": 0, "stop": 10_000, "step": 1})
    assert "takes far more memory" in refusal(pickle.dumps([Reduced(NEW_INDEX, once) for _ in range(2000)]))
    # The pickle holds the buffer once.
    state: tuple[Any, ...] = (
        Reduced(TEXT_TYPE, ("large_string",)),
        2**15 - 1,
        0,
        0,
        [None, Reduced(BUFFER, (bytes(2**18),)), None],
        [],
        None,
    )
    assert len(unpickle(pickle.dumps(Reduced(RESTORE, (state,))), MAX_BYTES).object) == 2**15 - 1
    assert "takes far more memory" in refusal(pickle.dumps([Reduced(RESTORE, (state,)) for _ in range(100)]))
    parts = [np.zeros(2**16)] * 100
    joined = [Reduced(pa.chunked_array, (parts, None)) for _ in range(100)]
    assert "takes far more memory" in refusal(pickle.dumps(joined))


@pytest.mark.parametrize(
    "function",
    [
        partial(np.log1p, 1.0),
        partial(mutual_info_classif, [[1.0]]),
        partial(mutual_info_classif, copy=[1] * 100),
        partial(LogisticRegression, C=1),
        partial(np.float64, 1),
        Reduced(partial, (mutual_info_classif,), (np.log1p, (), {}, {})),
        Reduced(partial, (mutual_info_classif,), (mutual_info_classif, (), [], {})),
        Reduced(partial, (mutual_info_classif,), (mutual_info_classif, (), {}, {"__wrapped__": 1})),
    ],
    ids=lambda _: "",
)
def test_a_partial_is_of_a_listed_function_with_plain_options(function: Any) -> None:
    """It is never called while loading."""
    assert "functools.partial" in refusal(pickle.dumps(SelectKBest(function)))


def test_a_distribution_runs_nothing(tmp_path: Path) -> None:
    """Its state is source code, which is left out even where a search holds it."""
    marker = tmp_path / "marker"
    distribution = type(stats.norm)(name="norm")
    distribution._parse_arg_template = f"open({str(marker)!r}, 'w').close()"  # noqa: SLF001 - what a payload does
    model = RandomizedSearchCV(DummyClassifier(), {"strategy": distribution})
    assert load(model).param_distributions == {"strategy": None}
    assert not marker.exists()


@pytest.mark.parametrize(
    "owner",
    [text("x"), named("numpy", "log1p"), named("sklearn.dummy", "DummyClassifier"), pickle.EMPTY_DICT, pickle.NONE],
)
def test_getattr_is_for_ignored_objects_alone(owner: bytes) -> None:
    """A method of anything else could be called later."""
    asked = named("builtins", "getattr") + owner + text("__class__") + pickle.TUPLE2 + pickle.REDUCE
    assert "calls what may not be called" in refusal(PROTOCOL_4 + asked + pickle.STOP)


def test_what_is_ignored_may_hold_nothing_else(tmp_path: Path) -> None:
    """Names that are not on the list are refused inside an ignored object, too."""
    marker = tmp_path / "marker"
    memory = joblib.Memory(None)
    memory.backend_options = {"run": system(marker)}
    assert "which is not on the list" in refusal(pickle.dumps([memory]))
    vectorized = np.vectorize(len)
    vectorized.pyfunc = Call(print)
    assert "which is not on the list" in refusal(pickle.dumps([vectorized]))
    assert not marker.exists()


def test_what_is_ignored_is_no_model() -> None:
    """A file of nothing else holds no model."""
    assert "holds a name rather than a model" in refusal(pickle.dumps(joblib.Memory(None)))
    assert "holds a name rather than a model" in refusal(PROTOCOL_4 + named("joblib.memory", "Memory") + pickle.STOP)


@pytest.mark.parametrize("name", [*NOTEBOOK, "arrow", "index", "range", "object texts", "series"])
def test_a_mutated_file_is_refused_or_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever changes in what was admitted: no other exception, no crash."""
    monkeypatch.chdir(tmp_path)
    plain = {
        "arrow": CITIES.unique(),
        "index": pd.Index([1, 2]),
        "range": pd.RangeIndex(3),
        "series": pd.Series([1.5, 2.0], index=["a", "b"], name="median"),
        "object texts": pd.array(["a", None], dtype=pd.StringDtype("python")),
    }
    data = pickle.dumps(plain[name] if name in plain else NOTEBOOK[name]().fit(X, Y), protocol=4)
    outcomes = {"read": 0, "refused": 0}
    dice = random.Random(0)  # noqa: S311 (repeatable)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in numbers():
            try:
                unpickle(mutated_bytes(data, dice), MAX_BYTES)
            except Refused:
                outcomes["refused"] += 1
            else:
                outcomes["read"] += 1
    report(f"{name}: {outcomes}")
    assert outcomes["refused"] > 0
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    """At each byte of what was admitted."""
    buffer = io.BytesIO()
    joblib.dump([CITIES.unique(), pd.Index([1]), pd.RangeIndex(2), stats.loguniform(1, 2)], buffer)
    for end in range(1, len(buffer.getvalue()) - 1, 7):
        assert refusal(buffer.getvalue()[:end])
