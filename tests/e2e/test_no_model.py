"""What callers get while there is no model to serve."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_training.packing import Packed
from tests.function_process import FunctionProcess


@pytest.fixture(params=["predict", "predict_flask"])
def function(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FunctionProcess]:
    """A running function that has no model."""
    environment = {"MODEL_URI": f"file://{tmp_path}/model.zip"}
    with FunctionProcess(environment, target=request.param) as running:
        yield running


def test_no_model_is_a_503_that_says_what_to_do(function: FunctionProcess, tmp_path: Path) -> None:
    """The process is up all the same, and /model tells why."""
    response = function.client.post("/predict", json={"test_array": []})
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert "python -m model_training publish" in response.json()["error"]
    assert function.client.get("/health").json()["model"]["version"] is None
    model = function.client.get("/model")
    assert model.status_code == 200
    assert "there is no file" in model.json()["unreachable"]["reason"]
    assert "x-model-version" not in response.headers


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
