"""The richer model of the same flights, published to a function that is running."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from function.model.bundle import read_bundle
from function.model.plan.proof import Proof
from model_training.bundling.building import Packed
from model_training.data.known.flights import COLUMNS, FULL_COLUMNS
from tests.support.commands import run, written
from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess

URI = "gs://models/flight-delay"
RICHER = {
    "carrier": "UA",
    "month": 7,
    "origin": "EWR",
    "destination": "ORD",
    "hour": 18,
    "weekday": "Friday",
    "distance": 719,
}


DEFAULT, ESTIMATORS = "default", ("default", "lightgbm")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The models as the command makes them, of all flights: with the preset's own estimator, and with another one."""
    folder = tmp_path_factory.mktemp("full")
    for name in ESTIMATORS:
        words = () if name == DEFAULT else ("--estimator", name)
        result = run("train", "--preset", "full", *words, "--out", folder / f"{name}.zip")
        assert result.exit_code == 0, result.stderr
    return {name: folder / f"{name}.zip" for name in ESTIMATORS}


@pytest.fixture(params=ESTIMATORS)
def full(request: pytest.FixtureRequest, models: dict[str, Path]) -> Path:
    """One of the models."""
    return models[request.param]


@pytest.fixture
def function(bucket: storage.Bucket, packed: Packed, tmp_path: Path) -> Iterator[FunctionProcess]:
    """A function that serves the default model."""
    with FunctionProcess({"MODEL_URI": URI, "MODEL_REFRESH_SECONDS": "1"}) as running:
        result = run("publish", written(tmp_path, packed.data), "--to", URI, "--wait", running.url)
        assert result.exit_code == 0, result.stderr
        yield running


def test_it_is_better_by_its_columns(full: Path) -> None:
    """A ROC AUC of 0.72 at least on the flights held out, served by ONNX."""
    manifest = read_bundle(full.read_bytes(), 2**30).manifest
    assert manifest.metrics["roc_auc"] >= 0.72
    assert "estimator.onnx" in manifest.members
    assert [feature.name for feature in manifest.features] == FULL_COLUMNS


def test_lightgbm_is_at_least_as_good(models: dict[str, Path]) -> None:
    """By its ROC AUC on the same flights; it is compiled exactly."""
    manifests = {name: read_bundle(path.read_bytes(), 2**30).manifest for name, path in models.items()}
    assert manifests["lightgbm"].metrics["roc_auc"] >= manifests[DEFAULT].metrics["roc_auc"]
    assert "model.txt" in manifests["lightgbm"].members
    assert isinstance(manifests["lightgbm"].proof, Proof)
    assert manifests["lightgbm"].proof.kind == "trees"


def test_it_is_served_without_a_redeploy(function: FunctionProcess, full: Path) -> None:
    """Predictions, page, document and explanations go from the old features to the new ones; the process stays."""
    assert features_of(function) == COLUMNS
    assert function.client.post("/predict", json={"instances": [FLIGHT]}).status_code == 200
    process = function.pid
    refused = run("publish", full, "--to", URI)
    assert refused.exit_code == 1
    assert "--allow-schema-change" in refused.stderr
    result = run("publish", full, "--to", URI, "--allow-schema-change", "--wait", function.url)
    assert result.exit_code == 0, result.stderr
    assert function.pid == process
    assert features_of(function) == FULL_COLUMNS
    body = {"instances": [RICHER], "parameters": {"output": "explanation"}}
    (explained,) = function.client.post("/predict", json=body).raise_for_status().json()["predictions"]
    assert 0 < explained["probability"] < 1
    assert list(explained["contributions"]) == FULL_COLUMNS
    assert function.client.post("/predict", json={"instances": [FLIGHT]}).status_code == 422


def features_of(function: FunctionProcess) -> list[str]:
    """Return the features that page and document are made of: they are the same."""
    rows = function.client.get("/openapi.json").json()["components"]["schemas"]["Row"]["properties"]
    of_the_page = [feature["name"] for feature in function.client.get("/model").json()["features"]]
    assert list(rows) == of_the_page
    return of_the_page
