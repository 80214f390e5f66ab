"""function/model/engines/sklearn.py and bare.py: scikit-learn serves what is not compiled."""

import gc
import io
import time
import weakref
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from function.errors import Refused, UnsupportedValues
from function.inference.prediction import UNSUPPORTED, predict
from function.inference.query import Query
from function.model.bundle import JOBLIB, read_bundle, write_bundle
from function.model.engines.sklearn import MIN_BATCH_ROWS, SklearnEngine
from function.model.joblib.unpickler import GuardedUnpickler, Progress
from function.model.loaded import LoadedModel, load
from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.data.dataset import Dataset
from tests.support.foreign_models import MODELS, Foreign
from tests.support.packed_models import columns_of, packed_of

LIMIT = 100_000_000


def dumped(model: Any) -> bytes:
    """Write a model as joblib does."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def uncompiled(foreign: Foreign) -> LoadedModel:
    """Pack a model, and load the bundle without its graphs."""
    packed = build_bundle(foreign.model, Dataset("m", foreign.X, None, Origin("o", "0" * 64, 1)), None, seed=0)
    bundle = read_bundle(packed.data, LIMIT)
    return load(write_bundle(bundle.manifest, {JOBLIB: bundle.read(JOBLIB)}), None, LIMIT)


@pytest.mark.parametrize("name", MODELS)
def test_a_bundle_without_graphs_predicts_the_same(name: str) -> None:
    """In its one or two stages, of every task."""
    foreign = MODELS[name]()
    model = uncompiled(foreign)
    rows = foreign.X.dropna()
    given = rows if hasattr(foreign.model, "feature_names_in_") else rows.to_numpy()
    labels = model.predict_columns([rows[column].to_numpy() for column in rows]).labels.tolist()
    assert (model.engine.name, labels) == ("sklearn", foreign.model.predict(given).tolist())


@pytest.mark.parametrize("name", ["multiclass", "nameless"])
def test_a_bare_model_predicts_the_same(name: str) -> None:
    """From arrays, and from named columns where it has names."""
    foreign = MODELS[name]()
    model = load(dumped(foreign.model), None, LIMIT, "bare")
    rows = foreign.X.dropna()
    given = rows if hasattr(foreign.model, "feature_names_in_") else rows.to_numpy()
    values = [[float(v) if isinstance(v, int) else v for v in row] for row in rows.to_numpy(dtype=object).tolist()]
    assert model.predict_vectors(values).labels.tolist() == foreign.model.predict(given).tolist()
    assert (model.manifest.name, model.version) == ("bare", model.sha256[:12])


def test_unsupported_values_are_reported_by_their_row() -> None:
    """Among many rows, by bisection."""
    model = load(dumped(MODELS["nameless"]().model), None, LIMIT)
    vectors: list[list[Any]] = [[1.0, 2.0]] * 100
    vectors[63] = [1.0, "text"]
    with pytest.raises(UnsupportedValues):
        model.predict_vectors(vectors)
    with pytest.raises(Exception, match=UNSUPPORTED) as caught:
        predict(Query(len(vectors), vectors=vectors), model)
    assert caught.value.row == 63  # type: ignore[attr-defined]


@pytest.mark.parametrize("content", [{"a": 1}, MODELS["mixed"]().model[:-1]])
def test_what_is_no_model_is_refused(content: Any) -> None:
    """A dictionary, a transformer."""
    with pytest.raises(Refused, match="no fitted classifier or regressor"):
        load(dumped(content), None, LIMIT)


def test_a_bundle_of_two_stages_needs_a_pipeline() -> None:
    """Its manifest says so, its pickle is something else."""
    foreign = MODELS["uncompiled"]()
    packed = build_bundle(foreign.model, Dataset("m", foreign.X, None, Origin("o", "0" * 64, 1)), None, seed=0)
    other = {JOBLIB: dumped(MODELS["nameless"]().model)}
    with pytest.raises(Refused, match="not a pipeline of transformers and an estimator"):
        load(write_bundle(packed.manifest, other), None, LIMIT)


def test_a_pipeline_may_begin_with_a_step_that_does_nothing() -> None:
    """It has no names of encoded columns, and predicts the same."""
    X = pd.DataFrame({"a": np.linspace(-1, 1, 60), "b": np.linspace(3, 1, 60)})
    y = pd.Series((X["a"] > 0).astype(int), name="late")
    model = make_pipeline("passthrough", LogisticRegression()).fit(X, y)
    live = load(packed_of(Foreign(model, X, y), "plain").data, None, LIMIT)
    assert live.predict_columns(columns_of(live, X)).labels.tolist() == model.predict(X).tolist()


def test_the_form_of_the_rows_is_found_once() -> None:
    """A transformer that remembers nothing gets a table, after one more prediction of the first request alone."""

    class Ratio(TransformerMixin, BaseEstimator):  # type: ignore[misc]
        calls = 0

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def fit(self, X: Any, y: Any = None) -> "Ratio":
            return self

        def transform(self, X: Any) -> Any:
            Ratio.calls += 1
            return X[["a"]].to_numpy() / X[["b"]].to_numpy()

    X = pd.DataFrame({"a": np.linspace(-1, 1, 60), "b": np.linspace(3, 1, 60)})
    model = make_pipeline(Ratio(), LogisticRegression()).fit(X, (X["a"] > 0).astype(int))
    engine, Ratio.calls = SklearnEngine(model, ["a", "b"], stages=2, probabilities=False), 0
    counts = []
    for _ in range(3):
        engine.predict_columns([X["a"].to_numpy(), X["b"].to_numpy()])
        counts.append(Ratio.calls)
    assert counts == [2, 3, 4]


def test_the_batches_of_a_slow_model_become_smaller() -> None:
    """A request can be stopped between two batches only; the rows of one follow from the time of the last one."""

    class Slow:
        def predict(self, encoded: Any) -> Any:
            time.sleep(0.6)
            return np.zeros(len(encoded))

    engine = SklearnEngine(Slow(), (), stages=1, probabilities=False)
    before = engine.batch_rows
    engine.predict(np.zeros((100, 1)))
    assert MIN_BATCH_ROWS <= engine.batch_rows < 100 < before
    engine.predict(np.zeros((2, 1)))
    assert engine.batch_rows == MIN_BATCH_ROWS


def test_nothing_of_the_file_is_kept_after_it_was_read() -> None:
    """Without waiting for the garbage collector, which rarely looks at old objects: a model may be large."""
    data = dumped(MODELS["multiclass"]().model)
    gc.collect()
    gc.disable()
    try:
        model = load(data, None, LIMIT, "bare")
        left = [each for each in gc.get_objects() if isinstance(each, GuardedUnpickler | Progress)]
        released = weakref.ref(model)
        del model
        assert (left, released()) == ([], None)
    finally:
        gc.enable()
