"""The whole job with real parts: train, publish to a bucket, serve lazily, predict."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.local_cloud import LocalCloud
from tests.support.flights import columns
from tests.support.function_process import ROOT, FunctionProcess

URI = "gs://models/models/flight-delay"
FLIGHT = {"instances": [{"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}]}
CROWD = 1000


@pytest.fixture(autouse=True)
def _address(bucket: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands and functions all speak of one object."""
    monkeypatch.setenv("MODEL_URI", URI)


def command(*words: str | Path) -> str:
    """Run a command of the training as a person does."""
    run = [sys.executable, "-m", "model_training", *map(str, words)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_train_publish_serve_predict(cloud: LocalCloud, tmp_path: Path) -> None:
    """Nothing asks the bucket before the first prediction does; then one download serves all."""
    path = tmp_path / "model.zip"
    assert "ROC AUC" in command("train", "--rows", "20000", "--out", path)
    assert "generation" in command("publish", path)
    cloud.calls.clear()
    with FunctionProcess({}) as function:
        for _ in range(20):
            assert function.client.get("/health").json()["model"]["version"] is None
        function.client.get("/")
        assert cloud.calls.count() == 0
        first = function.client.post("/predict", json=FLIGHT)
        assert first.json() == {"predictions": [0]}
        assert cloud.calls.count("download") == 1
        again = function.client.post("/predict", json=FLIGHT)
        assert again.headers["x-model-version"] == first.headers["x-model-version"]
        health = function.client.get("/health").json()
        assert health["model"]["generation"] is not None
        assert cloud.calls.count("download") == 1
        assert '"event":"model_live"' in function.log()


def test_a_thousand_first_requests_make_one_download(cloud: LocalCloud, bundle_path: Path) -> None:
    """All of them are answered."""
    command("publish", bundle_path)
    cloud.calls.clear()

    async def crowd(url: str) -> list[int]:
        limits = httpx.Limits(max_connections=CROWD)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=120) as client:
            answers = await asyncio.gather(*(client.post("/predict", json=FLIGHT) for _ in range(CROWD)))
        return [answer.status_code for answer in answers]

    with FunctionProcess({}) as function:
        assert asyncio.run(crowd(function.url)) == [200] * CROWD
    assert (cloud.calls.count(), cloud.calls.count("download")) == (1, 1)


def test_preloading_serves_the_first_request_without_the_bucket(cloud: LocalCloud, bundle_path: Path) -> None:
    """The model comes in before the fork; both workers have it."""
    command("publish", bundle_path)
    cloud.calls.clear()
    with FunctionProcess({"PRELOAD": "true", "WORKERS": "2"}) as function:
        assert cloud.calls.count("download") == 1
        for _ in range(20):
            with httpx.Client(base_url=function.url) as client:
                assert client.post("/predict", json=FLIGHT).json() == {"predictions": [0]}
        assert cloud.calls.count("download") == 1


def test_a_failed_preload_is_made_up_for(cloud: LocalCloud, bundle_path: Path) -> None:
    """The process starts without a model, and a request brings it in once the time that the 503 named has passed."""
    with FunctionProcess({"PRELOAD": "true"}) as function:
        refused = function.client.post("/predict", json=FLIGHT)
        assert refused.status_code == 503
        command("publish", bundle_path)
        time.sleep(int(refused.headers["retry-after"]))
        assert function.client.post("/predict", json=FLIGHT).json() == {"predictions": [0]}


def test_what_is_not_needed_is_not_imported(cloud: LocalCloud, bundle_path: Path) -> None:
    """A prediction in every dialect has loaded no library of training nor, for a linear model, ONNX Runtime."""
    command("publish", bundle_path)
    with FunctionProcess({"PYTHONPROFILEIMPORTTIME": "1"}) as function:
        assert function.client.post("/predict", json=FLIGHT).json() == {"predictions": [0]}
        for path, body in (
            ("/v1/models/flight-delay:predict", FLIGHT),
            ("/v2/models/flight-delay/infer", columns(1)),
            ("/bigquery", {"calls": [FLIGHT["instances"]]}),
        ):
            assert function.client.post(path, json=body).status_code == 200
        lines = [line for line in function.log().splitlines() if line.startswith("import time:")]
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert {"numpy", "msgspec", "starlette"} <= imported
    assert not imported & {"sklearn", "scipy", "joblib", "pandas", "skl2onnx", "onnx", "onnxruntime", "model_training"}


def test_a_bucket_that_can_not_be_reached_is_a_503(cloud: LocalCloud) -> None:
    """No bucket, no object, no network: the process stays up and says why."""
    environment = {**cloud.environment(), "MODEL_URI": "gs://no-such-bucket/model", "MODEL_REFRESH_SECONDS": "0"}
    with FunctionProcess(environment) as function:
        response = function.client.post("/predict", json=FLIGHT)
        assert response.status_code == 503
        assert "there is no object gs://no-such-bucket/model" in response.json()["error"]
        cloud.stop()
        response = function.client.post("/predict", json=FLIGHT)
        assert response.status_code == 503
        assert "could not be read" in response.json()["error"]
        assert "Traceback" not in json.dumps(function.client.get("/model").json())
