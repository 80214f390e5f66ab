"""Models that were trained elsewhere, packed and served: the answers are scikit-learn's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from function.model.bundle import JOBLIB, read_bundle, write_bundle
from model_training.__main__ import app
from tests.support.foreign_models import MODELS, Foreign
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of

LIMIT = 100_000_000
ENGINES = {
    "mixed": "sklearn",
    "multiclass": "onnx",
    "regression": "onnx",
    "uncompiled": "sklearn",
    "margins": "onnx",
    "truth": "onnx",
    "nameless": "onnx",
}


@pytest.fixture(scope="module", params=MODELS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Foreign, Path, str]:
    """A model, its bundle, and what `pack` printed."""
    foreign = MODELS[request.param]()
    folder = tmp_path_factory.mktemp(request.param)
    joblib.dump(foreign.model, folder / "model.joblib")
    foreign.X.assign(**{str(foreign.y.name): foreign.y}).to_csv(folder / "sample.csv", index=False)
    words = ["--data", folder / "sample.csv", "--target", foreign.y.name, "--name", request.param]
    result = CliRunner().invoke(
        app, ["pack", *map(str, [folder / "model.joblib", *words, "--out", folder / "model.zip"])]
    )
    assert result.exit_code == 0, result.stderr
    return request.param, foreign, folder / "model.zip", result.stdout


@pytest.fixture(scope="module", params=["packed", "sklearn"])
def function(request: pytest.FixtureRequest, case: tuple[str, Foreign, Path, str]) -> Iterator[FunctionProcess]:
    """A function that serves the bundle as packed, or without its compiled graphs."""
    path = case[2]
    if request.param == "sklearn":
        bundle = read_bundle(path.read_bytes(), LIMIT)
        path = path.with_name("sklearn.zip")
        path.write_bytes(write_bundle(bundle.manifest, {JOBLIB: bundle.read(JOBLIB)}))
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        yield running


def predictions(function: FunctionProcess, instances: list[Any], output: str = "label") -> list[Any]:
    """Ask for predictions."""
    body = json.dumps({"instances": instances, "parameters": {"output": output}})
    response = function.client.post("/predict", content=body)
    assert response.status_code == 200, response.text
    answer: list[Any] = response.json()["predictions"]
    return answer


def test_labels_are_those_of_scikit_learn(function: FunctionProcess, case: tuple[str, Foreign, Path, str]) -> None:
    """Classes equal, values within 1e-5, missing values included."""
    _, foreign, *_ = case
    given = foreign.X if hasattr(foreign.model, "feature_names_in_") else foreign.X.to_numpy()
    expected = foreign.model.predict(given).tolist()
    answer = predictions(function, instances_of(foreign.X))
    if isinstance(expected[0], float):
        assert answer == pytest.approx(expected, rel=1e-5)
    else:
        assert answer == expected
        assert type(answer[0]) is type(expected[0])


def test_probabilities_are_those_of_scikit_learn(
    function: FunctionProcess, case: tuple[str, Foreign, Path, str]
) -> None:
    """A number for two classes, an object for more, a 422 where there are none."""
    _, foreign, *_ = case
    rows = instances_of(foreign.X)
    if not hasattr(foreign.model, "predict_proba"):
        body = json.dumps({"instances": rows[:1], "parameters": {"output": "probability"}})
        response = function.client.post("/predict", content=body)
        assert response.status_code == 422
        assert "does not predict probabilities" in response.json()["error"]
        return
    answer = predictions(function, rows, "probability")
    expected = foreign.model.predict_proba(foreign.X)
    if len(foreign.model.classes_) == 2:
        assert answer == pytest.approx(expected[:, 1].tolist(), abs=1e-5)
    else:
        assert [list(row) for row in answer] == [foreign.model.classes_.tolist()] * len(answer)
        np.testing.assert_allclose([list(row.values()) for row in answer], expected, atol=1e-5)


def test_an_encoded_vector_is_the_estimators_input(
    function: FunctionProcess, case: tuple[str, Foreign, Path, str]
) -> None:
    """As `test_array` and as an instance; the answer is that of the row it encodes."""
    _, foreign, *_ = case
    row = foreign.X.dropna().iloc[[3]]
    is_pipeline = hasattr(foreign.model, "steps")
    encoded = foreign.model[:-1].transform(row) if is_pipeline else row.to_numpy()
    vector = np.asarray(encoded.toarray() if hasattr(encoded, "toarray") else encoded)[0].tolist()
    (expected,) = predictions(function, instances_of(row))
    assert (
        predictions(function, [vector]) == pytest.approx([expected], rel=1e-5)
        if isinstance(expected, float)
        else [expected]
    )
    single = function.client.post("/predict", json={"test_array": vector}).json()["prediction"]
    assert single == (pytest.approx(expected, rel=1e-5) if isinstance(expected, float) else expected)


def test_what_may_not_be_missing_is_named(function: FunctionProcess, case: tuple[str, Foreign, Path, str]) -> None:
    """Null is a 422 that says so, but where the pipeline fills it in."""
    _, foreign, path, _ = case
    nullable = {f.name for f in read_bundle(path.read_bytes(), LIMIT).manifest.features if f.nullable}
    row = instances_of(foreign.X.dropna())[0]
    for name in row:
        response = function.client.post("/predict", json={"instances": [{**row, name: None}]})
        if name in nullable:
            assert response.status_code == 200, response.text
        else:
            assert response.status_code == 422
            assert f"instances[0].{name}" in response.json()["error"]
            assert "null is not allowed" in response.json()["error"]


def test_the_engine_is_told_with_its_reason(case: tuple[str, Foreign, Path, str]) -> None:
    """What can be compiled is; of the rest, `pack` says why not."""
    name, _, path, printed = case
    compiled = "plan.json" in read_bundle(path.read_bytes(), LIMIT).manifest.members
    assert ("onnx" if compiled else "sklearn") == ENGINES[name]
    words = " ".join(printed.replace("│", " ").split())
    said = "no value differs" if name in ("regression", "nameless") else "no label differs"
    assert (said if compiled else "it cannot be compiled:") in words


def test_features_are_read_from_encoders_and_sample(case: tuple[str, Foreign, Path, str]) -> None:
    """Types, categories, and what may be missing."""
    manifest = read_bundle(case[2].read_bytes(), LIMIT).manifest
    types = {feature.name: (feature.type, feature.categories, feature.nullable) for feature in manifest.features}
    known = {
        "city": ("string", ("Lima", "Quito", "Santiago"), True),
        "town": ("string", ("Lima", "Quito", "Santiago"), False),
        "note": ("string", None, False),
        "age": ("integer", None, False),
        "score": ("number", None, True),
        "gain": ("number", None, False),
    }
    assert types == {name: known[name] for name in types}
    assert msgspec.json.encode(manifest.metrics)
    assert any(name in manifest.metrics for name in ("roc_auc", "macro_roc_auc", "r2", "accuracy"))
