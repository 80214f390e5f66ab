"""The Open Inference Protocol, as far as its clients do not show it."""

import json
from typing import Any

import httpx
import pytest

from tests.support.flights import EXAMPLE, columns
from tests.support.function_process import FunctionProcess


def infer(function: FunctionProcess, content: Any) -> httpx.Response:
    """Post a JSON document, or bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return function.client.post("/v2/models/flight-delay/infer", content=body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "inputs: missing"),
        ({"inputs": []}, "inputs: expected an array of 1 or more items"),
        (columns(2, month={"data": [7, 13]}), "inputs.month[1]: expected one of 1, 2, 3"),
        (columns(2, month={"data": [7, None]}), "inputs.month[1]: expected one of 1, 2, 3"),
        (columns(2, month={"data": [7.5, 7.0]}), "inputs.month[0]: expected one of 1, 2, 3"),
        (columns(2, month={"data": ["7", 7]}), "inputs.month[0]: expected one of 1, 2, 3"),
        (columns(2, month={"data": [7]}), "inputs.month.data: data does not match shape [2]"),
        (
            columns(2, month={"shape": [2, 1], "data": [[7], [7, 7]]}),
            "inputs.month.data: data does not match shape [2, 1]",
        ),
        (columns(2, month={"shape": [2, 1], "data": [[7], 7]}), "inputs.month.data: data does not match shape [2, 1]"),
        (columns(2, month={"data": [[7, 7]]}), "inputs.month.data: data does not match shape [2]"),
        (columns(2, month={"shape": [2, 2], "data": [7] * 4}), "inputs.month.shape: expected [n] or [n, 1]"),
        (columns(2, month={"shape": [3], "data": [7] * 3}), "inputs.month.shape: expected [n] or [n, 1]"),
        (columns(2, month={"shape": []}), "inputs[1].shape: expected an array of 1 to 2 items"),
        (columns(2, month={"shape": [-2]}), "inputs[1].shape[0]: expected an integer"),
        (columns(2, month={"shape": [2, 1, 1]}), "inputs[1].shape: expected an array of 1 to 2 items"),
        (columns(2, month={"shape": [10**30]}), "inputs.month.shape: expected"),
        (columns(2, month={"datatype": "BYTES"}), "inputs.month.datatype: expected one of INT8"),
        (columns(2, month={"datatype": "INT"}), 'inputs[1].datatype: expected one of "BF16", "BOOL"'),
        (columns(2, month={"data": 7}), "inputs[1].data: expected an array"),
        (columns(2, month={"name": "gate"}), "inputs[1].name: unknown input name; expected one of carrier, month"),
        (columns(2, month={"name": "carrier"}), "inputs[1].name: duplicate input name"),
        ({"inputs": columns(1)["inputs"][1:]}, "inputs.carrier: missing"),
        ({**columns(1), "outputs": [{"name": "x"}]}, "outputs[0].name: expected one of predict, predict_proba"),
        ({**columns(1), "id": 7}, "id: expected text or null"),
        (
            {"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [1]}]},
            "one matrix of shape [n, 4] or [n, 37]",
        ),
        (
            {"inputs": [{"name": "x", "shape": [1, 37], "datatype": "FP64", "data": [EXAMPLE, EXAMPLE]}]},
            "inputs[0].data: data does not match shape [1, 37]",
        ),
        (
            {"inputs": [{"name": "x", "shape": [1, 37], "datatype": "FP64", "data": [*EXAMPLE[1:], "1"]}]},
            "inputs[0][0][36]: expected a number",
        ),
        (b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":' + b"[" * 100_000 + b"]" * 100_000, "deeply"),
    ],
)
def test_bad_tensors_are_a_400_that_names_the_place(function: FunctionProcess, body: Any, words: str) -> None:
    """The input, the row, and what is allowed there."""
    response = infer(function, body)
    assert response.status_code == 400
    assert set(response.json()) == {"error"}
    assert words in response.json()["error"]


def test_tensors_are_taken_as_clients_write_them(function: FunctionProcess) -> None:
    """Whole numbers in floating point, narrower types, nested data, empty ones, and parameters of any kind."""
    expected = infer(function, columns(2)).json()["outputs"]
    for month in (
        {"datatype": "FP32", "data": [7.0, 7.0]},
        {"datatype": "UINT8"},
        {"datatype": "INT32", "shape": [2, 1], "data": [[7], [7]], "parameters": {"content_type": "pd"}},
        {"shape": [2, 1], "parameters": None},
    ):
        body = {**columns(2, month=month), "parameters": {"priority": 1}, "id": "", "outputs": []}
        assert infer(function, body).json()["outputs"] == expected
    empty = [output["shape"] for output in infer(function, columns(0)).json()["outputs"]]
    assert empty == [[0], [0, 2]]


def test_an_id_is_returned_or_made(function: FunctionProcess) -> None:
    """And the identity of the model that made the predictions."""
    assert infer(function, {**columns(1), "id": "42"}).json()["id"] == "42"
    first, second = (infer(function, columns(1)).json()["id"] for _ in range(2))
    assert first
    assert second not in ("", first)


def test_outputs_are_those_asked_for(function: FunctionProcess) -> None:
    """In the order asked for."""
    asked = ["predict_proba", "predict"]
    outputs = infer(function, {**columns(1), "outputs": [{"name": name} for name in asked]}).json()["outputs"]
    assert [output["name"] for output in outputs] == asked
    assert [output["datatype"] for output in outputs] == ["FP64", "INT64"]
