"""Failures, reported in the dialect of the requested path."""

import json
from typing import Any

import httpx
import pytest

from model_training.bundling.building import Packed
from tests.support.flights import FLIGHT, columns
from tests.support.function_process import FunctionProcess
from tests.support.targets import MAX_ROWS

V1, V2, BIGQUERY = "/v1/models/flight-delay:predict", "/v2/models/flight-delay/infer", "/bigquery"
DIALECTS = {V1: "error", V2: "error", BIGQUERY: "errorMessage"}
"""The key of the sentence that failures hold, and nothing else."""


def post(function: FunctionProcess, content: Any, path: str, declared: str = "application/json") -> httpx.Response:
    """Post a JSON document, or bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return function.client.post(path, content=body, headers={"Content-Type": declared})


def bodies(rows: int) -> dict[str, Any]:
    """Write the flight so many times, in every dialect."""
    return {V1: {"instances": [FLIGHT] * rows}, V2: columns(rows), BIGQUERY: {"calls": [[*FLIGHT.values()]] * rows}}


def sentence(response: httpx.Response, path: str) -> str:
    """Return what a failure says, in the path's dialect and no other."""
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {DIALECTS[path]}
    text: str = response.json()[DIALECTS[path]]
    return text


@pytest.mark.parametrize("path", DIALECTS)
def test_failures_are_reported_in_the_dialect_of_the_path(function: FunctionProcess, path: str) -> None:
    """With the status that its clients know: 400, 405, 413, 415."""
    good = bodies(1)[path]
    assert post(function, good, path).status_code == 200
    for bad, words in ((b"hello", "not valid JSON"), (b"\xff", "not"), (b"{}", "")):
        response = post(function, bad, path)
        assert (response.status_code, words in sentence(response, path)) == (400, True)
    response = function.client.put(path, content=b"{}")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert "POST" in sentence(response, path)
    response = post(function, good, path, "text/plain")
    assert (response.status_code, "application/json" in sentence(response, path)) == (415, True)
    response = post(function, bodies(MAX_ROWS + 1)[path], path)
    assert (response.status_code, f"limit of a request is {MAX_ROWS} rows" in sentence(response, path)) == (413, True)
    response = post(function, b" " * (8 * 2**20 + 1), path)
    assert (response.status_code, "8388608 bytes" in sentence(response, path)) == (413, True)
    assert post(function, bodies(MAX_ROWS)[path], path).status_code == 200


@pytest.mark.parametrize("path", ["/v2/models/{model}", "/v2/models/flight-delay/versions/{version}"])
def test_a_parameter_is_not_its_own_value(function: FunctionProcess, path: str) -> None:
    """A path as the documents write it names no model."""
    response = function.client.get(path)
    assert response.status_code == 404
    assert "The live" in response.json()["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/other",
        "/v1/models/other:predict",
        "/v2/models/other",
        "/v2/models/other/ready",
        "/v2/models/other/infer",
        "/v2/models/flight-delay/versions/1",
        "/v2/models/flight-delay/versions/1/infer",
    ],
)
def test_another_model_or_version_is_a_404_that_names_the_live_one(
    function: FunctionProcess, path: str, packed: Packed
) -> None:
    """Also where the body is good."""
    asks = path.endswith(("infer", "predict"))
    body = bodies(1)[V1 if path.startswith("/v1") else V2]
    response = post(function, body, path) if asks else function.client.get(path)
    assert response.status_code == 404
    assert set(response.json()) == {"error"}
    assert ("flight-delay" if "other" in path else packed.manifest.version) in response.json()["error"]
