"""Clients from PyPI, as they are, against real functions over ASGI and over WSGI."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from model_training.bundling.building import Packed
from tests.support.documents import blocks
from tests.support.foreign_models import Foreign, table
from tests.support.function_process import ROOT, FunctionProcess
from tests.support.packed_models import instances_of, packed_of

PYTHON = ROOT / ".venv-clients" / "bin" / "python"
"""Of the clients' own environment."""
NAME = "flight-delay"
FLIGHTS = [
    {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"},
    {"carrier": "DL", "month": 1, "origin": "JFK", "period": "early"},
    {"carrier": "EV", "month": 12, "origin": "EWR", "period": "evening"},
]
NO_SFO = 'expected one of "EWR", "JFK", "LGA"'
BAD_ROW = f"inputs.origin[3]: {NO_SFO}"


@pytest.fixture(scope="module", autouse=True)
def _environment() -> None:
    """Make the environment unless it is there, while other tests run."""
    words = ["make", "--silent", f"PYTHON={sys.executable}", ".venv-clients/installed"]
    subprocess.run(words, cwd=ROOT, check=True, timeout=600)


@pytest.fixture(scope="module", params=["predict", "predict_flask"])
def function(request: pytest.FixtureRequest, bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function that serves the sample's bundle."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}, target=request.param) as running:
        yield running


@pytest.fixture
def version(packed: Packed) -> str:
    """The version that is live."""
    return packed.manifest.version


def run(client: str, function: FunctionProcess, version: str) -> Any:
    """Run a client's script; return what it printed."""
    return script(client, {"url": function.url, "name": NAME, "version": version, "flights": FLIGHTS})


def script(client: str, words: dict[str, Any]) -> Any:
    """Run a client's script with arguments; return what it printed."""
    path = ROOT / "tests" / "clients" / f"use_{client}.py"
    done = subprocess.run([PYTHON, path, json.dumps(words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expected(function: FunctionProcess) -> tuple[list[int], list[Any]]:
    """Return the labels and probabilities that the rows protocol gives, [n] and [n, 2]."""
    labels, positive = (
        function.client.post("/predict", json={"instances": FLIGHTS, "parameters": {"output": output}}).json()
        for output in ("label", "probability")
    )
    return labels["predictions"], [pytest.approx([1 - p, p], abs=1e-6) for p in positive["predictions"]]


def test_tritonclient(function: FunctionProcess, version: str) -> None:
    """Health, metadata, inference by name and by version, and errors; with its binary tensors, and without."""
    told = run("tritonclient", function, version)
    assert told["live"] is told["ready"] is True
    assert (told["model_ready"], told["others_ready"]) == ([True, True], [False, False])
    assert (told["server"]["name"], told["server"]["extensions"]) == ("taxiway", ["binary_tensor_data"])
    model = told["model"]
    assert (model["name"], model["versions"], model["platform"]) == (NAME, [version], "taxiway_linear")
    assert model["inputs"] == [
        {"name": name, "datatype": "INT64" if name == "month" else "BYTES", "shape": [-1, 1]} for name in FLIGHTS[0]
    ]
    assert model["outputs"] == [
        {"name": "predict", "datatype": "INT64", "shape": [-1]},
        {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]},
    ]
    labels, probabilities = expected(function)
    assert (told["id"], told["labels"], told["probabilities"]) == ("42", labels, probabilities)
    assert (told["outputs_by_version"], told["probabilities_by_version"]) == (["predict_proba"], probabilities)
    assert told["bad_row"] == told["bad_binary_row"] == {"status": "400", "message": BAD_ROW}
    assert told["binary"] == [{"predict": told["labels"], "predict_proba": told["probabilities"]}] * 5
    assert told["unknown_model"]["status"] == told["unknown_version"]["status"] == "404"
    assert NAME in told["unknown_model"]["message"]
    assert version in told["unknown_version"]["message"]


def test_the_documents_example_of_tritonclient(function: FunctionProcess) -> None:
    """It runs as it is shown, and returns what JSON does."""
    (example,) = (block for block in blocks(ROOT / "docs" / "protocols.md", "python") if "tritonclient" in block.text)
    lines = example.text.replace("localhost:8080", f"127.0.0.1:{function.port}").splitlines()
    lines[-1] = f"print({lines[-1]}.tolist())"
    done = subprocess.run([PYTHON, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    flights = [{"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}]
    flights.append({"carrier": "DL", "month": 7, "origin": "JFK", "period": "early"})
    body = {"instances": flights, "parameters": {"output": "probability"}}
    assert [positive for _, positive in json.loads(done.stdout)] == function.client.post("/predict", json=body).json()[
        "predictions"
    ]


def test_kserve(function: FunctionProcess, version: str) -> None:
    """The inference client by V1 and by V2, errors included."""
    told = run("kserve", function, version)
    labels, probabilities = expected(function)
    v1, v2 = told["v1"], told["v2"]
    assert v1["live"] is v1["model_ready"] is v2["live"] is v2["ready"] is v2["model_ready"] is True
    assert v1["answer"] == v1["answer_to_inputs"] == {"predictions": labels}
    assert (v2["id"], v2["labels"], v2["probabilities"]) == ("42", labels, probabilities)
    assert v2["other_ready"] is False
    for protocol, place in ((v1, f"instances[3].origin: {NO_SFO}"), (v2, BAD_ROW)):
        assert protocol["bad_row"]["status"] == 400
        assert protocol["bad_row"]["message"].startswith(place)
        assert protocol["unknown_model"]["status"] == 404
        assert NAME in protocol["unknown_model"]["message"]


def test_open_inference_openapi(function: FunctionProcess, version: str) -> None:
    """The working group's own client, which writes whole numbers as 7.0."""
    told = run("open_inference_openapi", function, version)
    labels, probabilities = expected(function)
    assert (told["outcomes"], told["ready"], told["server"]) == ([None, None], [None, None], "taxiway")
    assert (told["inputs"], told["same"]) == (list(FLIGHTS[0]), True)
    for outputs in (told["outputs"], told["outputs_by_version"]):
        assert outputs["predict"] == labels
        assert [outputs["predict_proba"][i : i + 2] for i in (0, 2, 4)] == probabilities
    assert told["unknown_model"]["status"] == told["not_ready"]["status"] == 404
    assert told["bad_row"] == {"status": 400, "body": {"error": BAD_ROW}}


def test_pydantic_open_inference(function: FunctionProcess, version: str) -> None:
    """It compares its own types with the metadata, and finds them equal."""
    told = run("pydantic_open_inference", function, version)
    labels, probabilities = expected(function)
    assert (told["ready"], told["same"], told["bad_row"]) == ([True, True, False], True, 400)
    assert (told["labels"], told["probabilities"]) == (labels, probabilities)


def test_tritonclient_sends_columns_of_every_kind(tmp_path: Path) -> None:
    """Numbers, text, booleans and missing values, in every datatype: predictions as those of rows, bit by bit."""
    foreign = flagged()
    (tmp_path / "model.zip").write_bytes(packed_of(foreign, "flagged").data)
    rows = instances_of(foreign.X[:100])
    sent = {name: [row[name] for row in rows] for name in ("city", "flag", "age", "half", "score")}
    usual = {"city": "BYTES", "flag": "BOOL", "age": "INT64", "half": "FP64", "score": "FP64"}
    datatypes = [
        usual,
        {**usual, "age": "UINT16", "half": "FP32"},
        {**usual, "age": "FP32", "half": "FP16"},
        {**usual, "age": "INT8"},
        {name: datatype for name, datatype in usual.items() if name != "score"},
    ]
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        words = {"url": function.url, "name": "flagged", "columns": sent, "datatypes": datatypes}
        ways = script("tritonclient_columns", words)
        assert [len(each) for each in ways] == [2, 2, 2, 2, 3]
        for chosen, each in zip(datatypes, ways, strict=True):
            asked = [{name: value for name, value in row.items() if name in chosen} for row in rows]
            wanted = [
                function.client.post("/predict", json={"instances": asked, "parameters": {"output": output}}).json()
                for output in ("label", "probability")
            ]
            labels, positive = (response["predictions"] for response in wanted)
            for found in each:
                assert found["predict"] == labels
                assert [second for _, second in found["predict_proba"]] == positive


def flagged() -> Foreign:
    """Fit a model on text, a boolean, whole numbers, halves, and numbers some of which are missing."""
    X = table()[["city", "age", "score"]].assign(flag=lambda rows: rows["age"] % 3 == 0)
    X["city"] = X["city"].fillna("nowhere")
    X["half"] = X["age"] / 2
    encoders = [
        ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ("score", SimpleImputer(), ["score"]),
        ("rest", "passthrough", ["flag", "age", "half"]),
    ]
    y = pd.Series(np.where(X["flag"] ^ (X["age"] > 60), "late", "early"), name="when")
    model = Pipeline([("e", ColumnTransformer(encoders)), ("m", LogisticRegression(max_iter=1000))])
    return Foreign(model.fit(X, y), X, y)
