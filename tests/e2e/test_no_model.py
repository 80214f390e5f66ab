"""What callers get while there is no model to serve."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_training.bundling.building import Packed
from tests.support.function_process import FunctionProcess


@pytest.fixture(params=["predict", "predict_flask"])
def function(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FunctionProcess]:
    """A running function that has no model."""
    environment = {"MODEL_URI": f"file://{tmp_path}/model.zip", "MODEL_REFRESH_SECONDS": "0"}
    with FunctionProcess(environment, target=request.param) as running:
        yield running


def test_no_model_is_a_503_that_says_what_to_do(function: FunctionProcess, tmp_path: Path) -> None:
    """The process is up all the same, and /model tells why."""
    response = function.client.post("/predict", json={"test_array": []})
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert "taxiway publish" in response.json()["error"]
    assert function.client.get("/health").json()["model"]["version"] is None
    model = function.client.get("/model")
    assert model.status_code == 200
    assert "there is no file" in model.json()["unreachable"]["reason"]
    assert "x-model-version" not in response.headers


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v1/models/flight-delay:predict", "error"),
        ("/v2/models/flight-delay/infer", "error"),
        ("/v2/models/flight-delay/versions/1/infer", "error"),
        ("/bigquery", "errorMessage"),
    ],
)
def test_every_dialect_has_a_503(function: FunctionProcess, path: str, key: str) -> None:
    """In its own words, with the time to come again."""
    response = function.client.post(path, json={"calls": []})
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert set(response.json()) == {key}


def test_alive_is_not_ready(function: FunctionProcess, tmp_path: Path, packed: Packed) -> None:
    """Readiness looks for a model, and finds it as soon as there is one; liveness never looks."""
    alive = ["/v2", "/v2/health/live", "/health"]
    ready = ["/v2/health/ready", "/v2/models/flight-delay", "/v2/models/flight-delay/ready"]
    ready += ["/v1/models", "/v1/models/flight-delay"]
    assert [function.client.get(path).status_code for path in alive] == [200] * len(alive)
    assert "model_missing" not in function.log()
    for path in ready:
        response = function.client.get(path)
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert "there is no file" in response.json()["error"]
    (tmp_path / "model.zip").write_bytes(packed.data)
    assert [function.client.get(path).status_code for path in ready] == [200] * len(ready)


def test_a_bad_file_is_a_503_and_a_good_one_ends_it(function: FunctionProcess, tmp_path: Path, packed: Packed) -> None:
    """No restart is needed."""
    path = tmp_path / "model.zip"
    path.write_bytes(packed.data[:1000])
    response = function.client.post("/predict", json={"instances": []})
    assert response.status_code == 503
    assert "not a whole zip file" in response.json()["error"]
    assert "not a whole zip file" in function.client.get("/model").json()["refused"]["reason"]
    path.write_bytes(packed.data)
    assert function.client.post("/predict", json={"instances": []}).json() == {"predictions": []}
