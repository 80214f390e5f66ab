"""function/inference/batching.py: queries that arrive in a few turns of the event loop share a batch."""

import asyncio
import copy
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest

from function.errors import BadRow, Overloaded
from function.inference.batching import POOL_BATCH_ROWS, TURNS, Batches
from function.inference.pace import FIRST_ROWS, SLICE_SECONDS, Pace
from function.inference.prediction import predict
from function.inference.query import Query
from function.model.loaded import LoadedModel, load
from function.model.outputs import Outputs
from function.model.schema import Columns
from function.protocols import rows
from model_training.bundling.building import Packed

LIMIT = 10_000_000


class Counting:
    """A prediction function that records its batches, and the threads that ran them."""

    def __init__(self, seconds_per_row: float = 0.0) -> None:
        self.batches: list[tuple[LoadedModel, int]] = []
        self.threads: set[int] = set()
        self.started, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self.now, self.seconds_per_row = 0.0, seconds_per_row

    def clock(self) -> float:
        """Return the time that the batches so far have taken."""
        return self.now

    def __call__(self, query: Query, model: LoadedModel) -> Outputs:
        """Predict, but fail if there is an encoded vector of twos."""
        self.batches.append((model, query.rows))
        self.threads.add(threading.get_ident())
        self.started.set()
        self.gate.wait(10)
        self.now += self.seconds_per_row * query.rows
        for row, vector in enumerate(query.vectors):
            if vector[0] == 2:
                raise BadRow(row, "no prediction")
        return predict(query, model)


@pytest.fixture
def model(packed: Packed) -> LoadedModel:
    """A live model."""
    return load(packed.data, 1, LIMIT)


def batches_of(count: Counting, pool: Executor | None = None, max_waiting: int = 256) -> Batches:
    """Create the batches of a prediction function; without a pool, nothing may run in it."""
    return Batches(count, pool or ThreadPoolExecutor(1), max_waiting=max_waiting, clock=count.clock)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """The thread for what would block the event loop."""
    with ThreadPoolExecutor(1) as running:
        yield running


@pytest.fixture
def blocking(model: LoadedModel) -> LoadedModel:
    """The model with an engine that blocks."""
    engine = copy.copy(model.engine)
    engine.blocking = True
    return msgspec.structs.replace(model, engine=engine)


def named(model: LoadedModel) -> list[Query]:
    """Return a query for each golden row, and one without rows."""
    assert model.manifest.golden is not None
    bodies = [dict(zip(model.schema.names, row, strict=True)) for row in model.manifest.golden.rows]
    return [rows.decode(msgspec.json.encode({"instances": each}), model) for each in ([[row] for row in bodies] + [[]])]


def vector(model: LoadedModel, value: int) -> Query:
    """Return a query of an encoded vector of one value."""
    return Query(1, vectors=[[value] * model.schema.width])


def submitted(batches: Batches, *queries: tuple[Query, LoadedModel]) -> list[Outputs | None]:
    """Submit all queries in one turn of the event loop, and return their outputs."""

    async def submit() -> list[Outputs | None]:
        return await asyncio.gather(*[batches.submit(*query) for query in queries])

    return asyncio.run(submit())


def test_queries_of_one_turn_share_a_batch(model: LoadedModel) -> None:
    """Each gets the prediction that it gets alone, up to the last bit of a float."""
    count, queries = Counting(), named(model)
    outputs_of_all = submitted(batches_of(count), *[(query, model) for query in queries])
    assert count.batches == [(model, len(queries) - 1), (model, 0)]
    for query, outputs in zip(queries, outputs_of_all, strict=True):
        alone = predict(query, model)
        assert outputs is not None
        assert outputs.labels.tolist() == alone.labels.tolist()
        assert outputs.probabilities is not None
        assert alone.probabilities is not None
        np.testing.assert_allclose(outputs.probabilities, alone.probabilities, atol=1e-6)


def test_rows_of_one_turn_become_columns_at_once(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not request by request."""
    converted, columns = [], model.schema.columns

    def converting(rows: Sequence[Any]) -> Columns:
        converted.append(len(rows))
        return columns(rows)

    monkeypatch.setattr(model.schema, "columns", converting)
    queries = [query for query in named(model) if query.rows]
    submitted(batches_of(Counting()), *[(query, model) for query in queries])
    assert converted == [len(queries)]


def test_queries_of_a_few_turns_share_a_batch(model: LoadedModel) -> None:
    """A batch waits for as many turns, and not for later queries."""
    count = Counting()
    batches = batches_of(count)

    async def submit() -> None:
        waiting = []
        for _ in range(2 * TURNS - 1):
            waiting.append(batches.submit(vector(model, 0), model))
            await asyncio.sleep(0)
        assert count.batches == [(model, TURNS)]
        await asyncio.gather(*waiting)

    asyncio.run(submit())
    assert count.batches == [(model, TURNS), (model, TURNS - 1)]


def test_a_batch_has_one_model_and_one_kind_of_rows(model: LoadedModel, packed: Packed) -> None:
    """Also while a model is replaced: each query is predicted by its own model."""
    count, other = Counting(), load(packed.data, 2, LIMIT)
    (row, *_) = named(model)
    submitted(batches_of(count), (row, model), (vector(model, 0), model), (row, other), (vector(other, 1), model))
    assert sorted(count.batches, key=lambda batch: (batch[0] is other, batch[1])) == [
        (model, 1),
        (model, 2),
        (other, 1),
    ]


def test_only_the_queries_that_fail_are_predicted_alone(model: LoadedModel) -> None:
    """The batch is halved until they are found; other batches are not affected."""
    count = Counting()
    outputs_of_all = submitted(
        batches_of(count), *[(vector(model, 2 if i == 5 else 0), model) for i in range(32)], (named(model)[0], model)
    )
    assert [i for i, outputs in enumerate(outputs_of_all) if outputs is None] == [5]
    assert len(count.batches) < 14


def test_a_cancelled_query_is_skipped(model: LoadedModel) -> None:
    """The others get their outputs_of_all."""

    async def submit() -> Outputs | None:
        batches = batches_of(Counting())
        gone, waiting = batches.submit(vector(model, 0), model), batches.submit(vector(model, 1), model)
        gone.cancel()
        return await waiting

    assert asyncio.run(submit()) is not None


def test_a_batch_on_the_event_loop_is_bounded_by_what_its_rows_cost(model: LoadedModel) -> None:
    """However many wait; between two batches, the event loop does something else."""
    count = Counting(seconds_per_row=SLICE_SECONDS / 10)
    batches, turns = batches_of(count), []

    async def submit() -> None:
        waiting = [batches.submit(vector(model, 0), model) for _ in range(200)]
        while not all(future.done() for future in waiting):
            turns.append(len(count.batches))
            await asyncio.sleep(0)

    asyncio.run(submit())
    sizes = [rows for _, rows in count.batches]
    assert sizes[0] == FIRST_ROWS
    assert max(sizes[2:]) <= 10
    assert sum(sizes) == 200
    assert sorted(set(turns)) == list(range(len(sizes)))


def test_a_model_that_is_too_slow_for_the_event_loop_runs_in_the_pool(
    model: LoadedModel, pool: ThreadPoolExecutor
) -> None:
    """As soon as it is known; until then, it has had two batches."""
    count = Counting(seconds_per_row=2 * SLICE_SECONDS)
    batches = batches_of(count, pool)
    for _ in range(2):
        submitted(batches, (vector(model, 0), model))
    assert count.threads == {threading.get_ident()}
    count.threads.clear()
    submitted(batches, (vector(model, 0), model))
    assert threading.get_ident() not in count.threads
    assert not batches.fits_loop(1, model)


def test_a_free_thread_takes_all_that_waits(blocking: LoadedModel, pool: ThreadPoolExecutor) -> None:
    """While it predicts one query, the others gather; no batch has more than a number of rows."""
    count = Counting()
    count.gate.clear()
    batches = batches_of(count, pool, max_waiting=2000)

    async def submit() -> None:
        first = batches.submit(vector(blocking, 0), blocking)
        await asyncio.to_thread(count.started.wait)
        others = [batches.submit(vector(blocking, 0), blocking) for _ in range(POOL_BATCH_ROWS + 100)]
        await asyncio.sleep(0)
        count.gate.set()
        await asyncio.gather(first, *others)

    asyncio.run(submit())
    assert [rows for _, rows in count.batches] == [1, POOL_BATCH_ROWS, 100]
    assert threading.get_ident() not in count.threads


def test_a_query_past_the_bound_is_refused_at_once(blocking: LoadedModel, pool: ThreadPoolExecutor) -> None:
    """With the time to come again; when the others have been predicted, there is room again."""
    count = Counting()
    count.gate.clear()
    batches = batches_of(count, pool, max_waiting=3)

    async def submit() -> None:
        first = batches.submit(vector(blocking, 0), blocking)
        await asyncio.to_thread(count.started.wait)
        waiting = [batches.submit(vector(blocking, 0), blocking) for _ in range(3)]
        with pytest.raises(Overloaded) as caught:
            batches.submit(vector(blocking, 0), blocking)
        assert caught.value.retry_after == 1
        count.gate.set()
        await asyncio.gather(first, *waiting)
        await batches.submit(vector(blocking, 0), blocking)

    asyncio.run(submit())
    assert sum(rows for _, rows in count.batches) == 5


def test_a_batch_that_fails_unexpectedly_leaves_the_queue_working(
    blocking: LoadedModel, pool: ThreadPoolExecutor
) -> None:
    """Its queries are predicted alone, where the failure shows; the next one is predicted."""
    count = Counting()
    batches = batches_of(count, pool)
    assert submitted(batches, (vector(blocking, 2), blocking)) == [None]
    (outputs,) = submitted(batches, (vector(blocking, 0), blocking))
    assert outputs is not None


def test_a_pause_of_the_process_is_not_the_models() -> None:
    """A single slow batch changes nothing; two do."""
    pace = Pace()
    pace.learn(10, 10 * SLICE_SECONDS / 100)
    pace.learn(10, 10 * SLICE_SECONDS / 100)
    assert pace.rows == 100
    pace.learn(1, 20 * SLICE_SECONDS)
    assert pace.rows == 100
    pace.learn(1, 20 * SLICE_SECONDS)
    assert pace.rows == 0
