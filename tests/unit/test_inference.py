"""function/inference/inference.py: what runs on the event loop, what in the pool, and when a computation stops."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest

from function.errors import BadInput, Overloaded, UnsupportedValues
from function.inference.codec import SMALL_BODY_BYTES, Codec
from function.inference.inference import Inference
from function.inference.query import Query
from function.model.loaded import LoadedModel, load
from function.model.outputs import Outputs
from function.model.schema import Codes
from function.protocols import bigquery, rows
from function.protocols.open_inference.inference import binary_codec
from model_training.bundling.building import Packed
from tests.support.binary_tensors import HEADER, as_binary
from tests.support.flights import FLIGHT, columns


class Recording:
    """An engine that behaves as scikit-learn's: it blocks, and it fails for vectors that begin with 2."""

    name, blocking, probabilities, tolerance, batch_rows = "sklearn", True, False, 0.0, 100
    codes: Mapping[int, Codes] = {}

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.runs = 0
        self.started, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def encode(self, columns: Any) -> Any:
        """Return the columns side by side."""
        return np.column_stack(columns)

    def vectors(self, vectors: Any) -> Any:
        """Return the vectors as they are."""
        return np.array(vectors)

    def predict(self, encoded: Any) -> Outputs:
        """Predict 0 for each row."""
        self.threads.add(threading.get_ident())
        self.runs += 1
        self.started.set()
        self.gate.wait(10)
        if (encoded[:, 0] == 2).any():
            raise UnsupportedValues
        return Outputs(np.zeros(len(encoded), dtype=int))

    def predict_columns(self, columns: Any) -> Outputs:
        """Predict from the columns."""
        return self.predict(self.encode(columns))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A thread for what would block the event loop."""
    with ThreadPoolExecutor(1) as running:
        yield running


@pytest.fixture
def engine() -> Recording:
    """An engine that blocks."""
    return Recording()


@pytest.fixture
def model(packed: Packed, engine: Recording) -> LoadedModel:
    """A model of that engine, whose vectors have a single number."""
    loaded = load(packed.data, 1, 10_000_000)
    manifest = msgspec.structs.replace(loaded.manifest, linear=None)
    return msgspec.structs.replace(loaded, engine=engine, manifest=manifest)


def vectors(model: LoadedModel, *first: float) -> dict[str, Any]:
    """Return a body of encoded vectors that begin with these numbers."""
    return {"instances": [[number] + [0] * (model.schema.width - 1) for number in first]}


def predicted(inference: Inference, codec: Codec, content: Any, model: LoadedModel) -> Any:
    """Predict a body."""
    return json.loads(asyncio.run(inference.predict(codec, json.dumps(content).encode(), model)).body)


def test_a_blocking_engine_never_runs_on_the_event_loop(
    model: LoadedModel, engine: Recording, pool: ThreadPoolExecutor
) -> None:
    """Whatever is asked, and whether or not it fails: libgomp hangs there if the model was loaded before a fork."""
    inference = Inference(50_000, pool)
    labels = predicted(inference, rows.CODEC, vectors(model, 0), model)
    assert labels == {"predictions": [0]}
    predicted(inference, rows.CODEC, vectors(model, *[0] * 5000), model)
    calls = {
        "calls": [[each] for each in vectors(model, 2, 0)["instances"]],
        "userDefinedContext": {"on_error": "null"},
    }
    assert predicted(inference, bigquery.CODEC, calls, model) == {"replies": [None, 0]}
    with pytest.raises(BadInput):
        predicted(inference, rows.CODEC, vectors(model, 0, 2), model)
    explained = {"instances": [FLIGHT], "parameters": {"output": "explanation"}}
    predicted(inference, rows.CODEC, explained, model)
    assert engine.runs > 6
    assert threading.get_ident() not in engine.threads


@pytest.mark.parametrize("many", [65, 1100])
def test_many_rows_leave_the_event_loop_alone_however_few_their_bytes(
    packed: Packed, pool: ThreadPoolExecutor, many: int
) -> None:
    """A fast model too predicts them in the pool, where the rows of others do not wait for them."""
    model = load(packed.data, 1, 10_000_000)
    ran_in: list[int] = []
    columns = model.engine.predict_columns

    class Watching:
        def __getattr__(self, name: str) -> Any:
            return getattr(model.engine, name)

        def predict_columns(self, given: Any) -> Outputs:
            ran_in.append(threading.get_ident())
            return columns(given)

    watched = msgspec.structs.replace(model, engine=Watching())
    body = json.dumps({"instances": [FLIGHT] * many}).encode()
    asyncio.run(Inference(50_000, pool).predict(rows.CODEC, body, watched))
    asyncio.run(Inference(50_000, pool).predict(rows.CODEC, json.dumps({"instances": [FLIGHT]}).encode(), watched))
    assert [thread == threading.get_ident() for thread in ran_in] == [False] * (len(ran_in) - 1) + [True]


@pytest.mark.parametrize(("rows_sent", "on_loop"), [(20, True), (400, False)])
def test_many_binary_values_leave_the_event_loop_alone_however_few_their_bytes(
    packed: Packed,
    pool: ThreadPoolExecutor,
    rows_sent: int,
    on_loop: bool,  # noqa: FBT001
) -> None:
    """A value may be a byte, so bodies are decoded in the pool from a smaller size on."""
    model = load(packed.data, 1, 10_000_000)
    request = columns(rows_sent, month={"datatype": "INT8"})
    body, headers = as_binary(request)
    codec = binary_codec(headers[HEADER].encode())
    ran_in: list[int] = []

    def decode(body: bytes, model: LoadedModel) -> Query:
        ran_in.append(threading.get_ident())
        return codec.decode(body, model)

    asyncio.run(Inference(50_000, pool).predict(codec._replace(decode=decode), body, model))
    assert len(body) < SMALL_BODY_BYTES
    assert [thread == threading.get_ident() for thread in ran_in] == [on_loop]


def test_a_cancelled_computation_stops_after_its_part(
    model: LoadedModel, engine: Recording, pool: ThreadPoolExecutor
) -> None:
    """Its thread is free for others then."""
    engine.gate.clear()
    body = json.dumps(vectors(model, *[0] * 10_000)).encode()

    async def cancel() -> None:
        request = asyncio.create_task(Inference(50_000, pool).predict(rows.CODEC, body, model))
        await asyncio.to_thread(engine.started.wait)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)

    asyncio.run(cancel())
    engine.gate.set()
    pool.submit(int).result()
    assert engine.runs == 1


def test_a_cancelled_computation_that_waits_never_starts(
    model: LoadedModel, engine: Recording, pool: ThreadPoolExecutor
) -> None:
    """It leaves no work behind."""
    engine.gate.clear()
    body = json.dumps(vectors(model, *[0] * 5000)).encode()

    async def cancel() -> None:
        inference = Inference(50_000, pool)
        first, second = [asyncio.create_task(inference.predict(rows.CODEC, body, model)) for _ in range(2)]
        await asyncio.to_thread(engine.started.wait)
        for request in (second, first):
            request.cancel()
        await asyncio.gather(first, second, return_exceptions=True)

    asyncio.run(cancel())
    engine.gate.set()
    pool.submit(int).result()
    assert engine.runs == 1


def test_large_bodies_past_the_bound_are_refused_at_once(
    model: LoadedModel, engine: Recording, pool: ThreadPoolExecutor
) -> None:
    """And when the others have been predicted, there is room again."""
    engine.gate.clear()
    body = json.dumps(vectors(model, *[0] * 500)).encode()

    async def crowd() -> None:
        inference = Inference(50_000, pool, max_waiting=2)
        waiting = [asyncio.create_task(inference.predict(rows.CODEC, body, model)) for _ in range(2)]
        await asyncio.to_thread(engine.started.wait)
        with pytest.raises(Overloaded):
            await inference.predict(rows.CODEC, body, model)
        engine.gate.set()
        await asyncio.gather(*waiting)
        await inference.predict(rows.CODEC, body, model)

    asyncio.run(crowd())
    assert engine.runs == 15


def test_equal_rows_that_fail_are_tried_once(model: LoadedModel, engine: Recording, pool: ThreadPoolExecutor) -> None:
    """A thousand bad rows cost about as much as a thousand good ones, if they are alike."""
    bad, good = vectors(model, 2, 0)["instances"]
    calls = {"calls": [[bad]] * 1000 + [[good]] * 10, "userDefinedContext": {"on_error": "null"}}
    assert predicted(Inference(50_000, pool), bigquery.CODEC, calls, model) == {"replies": [None] * 1000 + [0] * 10}
    assert engine.runs < 30


def test_a_request_past_the_bound_is_refused_before_it_is_decoded(
    model: LoadedModel, engine: Recording, pool: ThreadPoolExecutor
) -> None:
    """Decoding costs as much as predicting, and those that are refused must cost little."""
    engine.gate.clear()
    body = json.dumps(vectors(model, 0)).encode()

    async def crowd() -> None:
        inference = Inference(50_000, pool, max_waiting=2)
        first = asyncio.create_task(inference.predict(rows.CODEC, body, model))
        await asyncio.to_thread(engine.started.wait)
        waiting = [asyncio.create_task(inference.predict(rows.CODEC, body, model)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await inference.predict(rows.CODEC, b"not even JSON", model)
        engine.gate.set()
        await asyncio.gather(first, *waiting)

    asyncio.run(crowd())
