"""Binary tensors against a live process: what the clients' own scripts do not show."""

import gzip
import random
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.support.binary_tensors import HEADER, as_binary, read_outputs, written
from tests.support.damaged_tensors import damaged, parts
from tests.support.foreign_models import Foreign
from tests.support.function_process import FunctionProcess
from tests.support.fuzz import EXAMPLES, mutated_bytes
from tests.support.packed_models import packed_of

ROWS = 100
PATH = "/v2/models/flight-delay/infer"
CARRIERS, ORIGINS, PERIODS = ("UA", "DL", "EV", "9E"), ("EWR", "JFK", "LGA"), ("early", "afternoon", "night")
MORE_MEMORY = 64 * 2**20


def infer(function: FunctionProcess, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Post a body as it is."""
    encoded = ((name.encode(), value.encode("latin-1")) for name, value in headers.items())
    return function.client.post(PATH, content=body, headers=list(encoded))


def outputs_of(response: httpx.Response) -> dict[str, list[Any]]:
    """Return the values of the outputs."""
    assert response.status_code == 200, response.text
    return read_outputs(response.content, response.headers.get(HEADER))


def request() -> dict[str, Any]:
    """Write a hundred flights as tensors of JSON."""
    values: dict[str, list[Any]] = {
        "carrier": [CARRIERS[i % 4] for i in range(ROWS)],
        "month": [i % 12 + 1 for i in range(ROWS)],
        "origin": [ORIGINS[i % 3] for i in range(ROWS)],
        "period": [PERIODS[i // 3 % 3] for i in range(ROWS)],
    }
    kinds = {"month": "INT32"}
    return {
        "inputs": [
            {"name": name, "shape": [ROWS, 1], "datatype": kinds.get(name, "BYTES"), "data": each}
            for name, each in values.items()
        ]
    }


def test_predictions_are_those_of_json_and_of_rows(function: FunctionProcess) -> None:
    """A hundred rows: the labels and the probabilities to the last bit, in JSON or not, compressed or not."""
    sent = request()
    wanted = outputs_of(function.client.post(PATH, json=sent))
    columns = {tensor["name"]: tensor["data"] for tensor in sent["inputs"]}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for output, values in (("label", wanted["predict"]), ("probability", wanted["predict_proba"][1::2])):
        asked = {"instances": rows, "parameters": {"output": output}}
        assert function.client.post("/predict", json=asked).json()["predictions"] == values
    for binary in (True, False):
        for names in (None, ["month"], ["carrier", "period"]):
            body, headers = as_binary({**sent, "parameters": {"binary_data_output": binary}}, names)
            plain = infer(function, body, headers)
            zipped = infer(function, gzip.compress(body), {**headers, "Content-Encoding": "gzip"})
            assert outputs_of(plain) == outputs_of(zipped) == wanted
            assert plain.headers["content-type"] == f"application/{'octet-stream' if binary else 'json'}"
            assert (HEADER in plain.headers) is binary


def test_a_matrix_gives_the_predictions_of_its_rows(function: FunctionProcess) -> None:
    """Encoded vectors as bytes, and none of them."""
    for count in (0, 3):
        data = [float(i % 2) for i in range(count * 37)]
        sent = {"inputs": [{"name": "x", "shape": [count, 37], "datatype": "FP64", "data": data}]}
        wanted = outputs_of(function.client.post(PATH, json=sent))
        body, headers = as_binary({**sent, "parameters": {"binary_data_output": True}})
        response = infer(function, body, {**headers, "Content-Type": "application/octet-stream"})
        assert outputs_of(response) == wanted
        assert len(wanted["predict"]) == count


def test_damaged_bodies_are_client_faults(function: FunctionProcess) -> None:
    """Each is a 4xx that names the place, in JSON; the process neither fails nor grows."""
    body, headers = parts().sent()
    assert outputs_of(infer(function, body, headers))
    before = function.memory()
    for each in damaged(400):
        response = infer(function, each.body, each.headers)
        assert 400 <= response.status_code < 500, each
        assert each.place in response.json()["error"], (each, response.text)
        assert response.headers["content-type"] == "application/json"
    assert outputs_of(infer(function, body, headers))
    assert function.memory() < before + MORE_MEMORY
    assert "stack_trace" not in function.log()


def test_bodies_changed_at_random_are_no_failures(function: FunctionProcess) -> None:
    """Whatever bytes change, the response is a prediction or a client fault."""
    dice = random.Random(PATH)  # noqa: S311 (repeatable)
    good, headers = parts().sent()
    for _ in range(EXAMPLES):
        response = infer(function, mutated_bytes(good, dice), headers)
        assert response.status_code in {200, 400, 413}, response.text
    assert "stack_trace" not in function.log()


def test_another_type_is_unsupported_and_lengths_are_needed(function: FunctionProcess) -> None:
    """JSON or bytes; for bytes the length of the JSON."""
    body, headers = parts().sent()
    assert infer(function, body, {**headers, "Content-Type": "text/plain"}).status_code == 415
    missing = infer(function, body, {"Content-Type": "application/octet-stream"})
    assert (missing.status_code, HEADER in missing.json()["error"]) == (400, True)
    raw = infer(function, b"UA", {HEADER: "0"})
    assert (raw.status_code, "with one input" in raw.json()["error"]) == (400, True)


def test_a_raw_body_is_the_one_input_of_a_model(tmp_path: Path) -> None:
    """The values alone; the response is binary."""
    foreign = one_number()
    (tmp_path / "model.zip").write_bytes(packed_of(foreign, "doubled").data)
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        path = "/v2/models/doubled/infer"
        values = [0.5, 2.0, -3.25]
        wanted = function.client.post("/predict", json={"instances": [{"x": value} for value in values]}).json()
        response = function.client.post(path, content=written(values, "FP64"), headers={HEADER: "0"})
        assert response.headers["content-type"] == "application/octet-stream"
        assert outputs_of(response) == {"predict": wanted["predictions"]}


def one_number() -> Foreign:
    """Fit a regression on one column."""
    X = pd.DataFrame({"x": np.linspace(-5, 5, 50)})
    y = pd.Series(X["x"] * 2 + 1, name="y")
    return Foreign(make_pipeline(StandardScaler(), LinearRegression()).fit(X, y), X, y)
