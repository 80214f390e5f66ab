"""MLflow's own client, as it is, against a real function."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import function as service
from tests.support.foreign_models import MODELS
from tests.support.function_process import ROOT, FunctionProcess
from tests.support.packed_models import instances_of, packed_of

PYTHON = ROOT / ".venv-mlflow" / "bin" / "python"
"""Of the client's own environment."""
ROWS = 100


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Rows with text and numbers, some of which are missing."""
    return instances_of(MODELS["mixed"]().X.head(ROWS))


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FunctionProcess]:
    """A function that serves a model for them."""
    path = tmp_path_factory.mktemp("model") / "model.zip"
    path.write_bytes(packed_of(MODELS["mixed"](), "mixed").data)
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        yield running


@pytest.fixture(scope="module")
def told(function: FunctionProcess, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Run the client, in its environment."""
    words = ["make", "--silent", f"PYTHON={sys.executable}", ".venv-mlflow/installed"]
    subprocess.run(words, cwd=ROOT, check=True, timeout=600)
    name = next(name for name, value in rows[0].items() if isinstance(value, int))
    wanted = {"host": "127.0.0.1", "port": function.port, "rows": rows, "bad": {name: "many"}}
    script = ROOT / "tests" / "clients" / "mlflow" / "use_mlflow.py"
    done = subprocess.run(
        [PYTHON, script, json.dumps(wanted)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return {**answers, "name": name}


def test_predictions_are_those_of_rows(
    function: FunctionProcess, rows: list[dict[str, Any]], told: dict[str, Any]
) -> None:
    """Missing numbers, which the client writes as NaN, included."""
    assert told["missing"] > 0
    assert told["version"] == service.__version__
    expected = {
        output: function.client.post("/predict", json={"instances": rows, "parameters": {"output": output}}).json()
        for output in ("label", "probability")
    }
    assert told["labels"] == told["inputs"] == expected["label"]["predictions"]
    assert told["probabilities"] == expected["probability"]["predictions"]


def test_errors_name_the_place(told: dict[str, Any]) -> None:
    """With MLflow's codes, and without what was sent."""
    assert "error code 400" in told["bad"]
    assert "INVALID_PARAMETER_VALUE" in told["bad"]
    assert f"dataframe_split.data[0].{told['name']}: expected" in told["bad"]
    assert "many" not in told["bad"]
    assert "from -1e+30 to 1e+30" in told["infinite"]
    assert "params.output: expected one of" in told["params"]


@pytest.mark.parametrize("constant", ["Infinity", "-Infinity"])
def test_infinity_is_refused_by_its_place(function: FunctionProcess, rows: list[dict[str, Any]], constant: str) -> None:
    """It is read, but no model supports it."""
    name = next(name for row in rows for name, value in row.items() if isinstance(value, float))
    body = json.dumps({"dataframe_records": [{**rows[0], name: math.inf}]}).replace("Infinity", constant)
    response = function.client.post("/invocations", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["message"].startswith(f"dataframe_records[0].{name}: expected a number from")


def test_without_a_model_ping_is_a_404(tmp_path: Path) -> None:
    """In MLflow's shape, as all errors there; and an invocation is a 503."""
    with FunctionProcess({"MODEL_URI": str(tmp_path / "none.zip")}) as running:
        ping, invocation = running.client.get("/ping"), running.client.post("/invocations", json={"instances": []})
    assert (ping.status_code, ping.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert (invocation.status_code, invocation.json()["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
    assert set(ping.json()) == {"error_code", "message"}
