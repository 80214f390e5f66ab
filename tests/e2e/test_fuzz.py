"""Bodies changed at random, of every protocol, against a live process: whatever is sent, the answer is no 5xx."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.flights import EXAMPLE, FLIGHT, columns
from tests.support.foreign_models import MODELS
from tests.support.function_process import FunctionProcess
from tests.support.fuzz import encoded, mutated_bytes, mutated_json, numbers, report
from tests.support.packed_models import packed_of

GOOD_STATUS = {200}
ALLOWED = {200, 400, 413, 415, 422}
GOOD: dict[str, list[Any]] = {
    "/predict": [
        {"instances": [FLIGHT, FLIGHT], "parameters": {"output": "probability"}},
        {"instances": [FLIGHT], "parameters": {"output": "explanation"}},
        {"test_array": EXAMPLE},
        {"inputs": [EXAMPLE, EXAMPLE]},
    ],
    "/v1/models/flight-delay:predict": [{"instances": [FLIGHT]}],
    "/v2/models/flight-delay/infer": [{**columns(2), "id": "7", "outputs": [{"name": "predict"}]}],
    "/bigquery": [
        {"calls": [[*FLIGHT.values()], [*FLIGHT.values()]], "userDefinedContext": {"on_error": "null"}},
        {"calls": [['{"carrier":"UA","month":7,"origin":"EWR","period":"evening"}'], [FLIGHT]]},
        {"calls": [[EXAMPLE]]},
    ],
}


def send_changed(function: FunctionProcess, path: str, good: list[Any]) -> None:
    """Send good bodies and changed ones in turn; report the slowest of each."""
    dice = random.Random(path)  # noqa: S311 (repeatable)
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in numbers():
        chosen, unchanged = dice.choice(good), number % 4 == 0
        body = encoded(chosen if unchanged else mutated_json(chosen, dice))
        if number % 4 == 1:
            body = mutated_bytes(encoded(chosen), dice)
        start = time.perf_counter()
        response = function.client.post(path, content=body, headers={"Content-Type": "application/json"})
        times[unchanged].append(1000 * (time.perf_counter() - start))
        assert response.status_code in (GOOD_STATUS if unchanged else ALLOWED), (response.status_code, body)
    slowest = {unchanged: f"{sorted(spent)[int(len(spent) * 0.999)]:.1f}" for unchanged, spent in times.items()}
    count = len(times[False])
    report(
        f"{path}: of {count} changed bodies 99.9 % took {slowest[False]} ms at most, of good ones {slowest[True]} ms"
    )


@pytest.fixture(scope="module")
def flights(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A function that serves the sample's bundle."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


@pytest.mark.parametrize("path", GOOD)
def test_no_body_makes_the_service_fail(flights: FunctionProcess, path: str) -> None:
    """Neither one of changed values nor one of changed bytes; and good ones are predicted as before."""
    send_changed(flights, path, GOOD[path])
    assert flights.client.post(path, json=GOOD[path][0]).status_code == 200
    assert "stack_trace" not in flights.log()


@pytest.mark.parametrize("name", ["mixed", "nameless"])
def test_no_row_makes_a_model_of_any_types_fail(name: str, tmp_path: Path) -> None:
    """Of numbers, text and booleans, some of them missing; or without names."""
    path = tmp_path / "model.zip"
    packed = packed_of(MODELS[name](), name)
    path.write_bytes(packed.data)
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        api = function.client.get("/model").json() and function.client.get("/openapi.json").json()
        examples = api["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["examples"]
        send_changed(function, "/predict", [example["value"] for example in examples.values()])
        assert "stack_trace" not in function.log()
