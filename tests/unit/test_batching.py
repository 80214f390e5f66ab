"""function/inference/batching.py: what arrives in one turn of the event loop shares a run, and nothing else."""

import asyncio

import msgspec
import numpy as np
import pytest

from function.errors import BadRow
from function.inference.batching import Batches
from function.inference.prediction import predict
from function.inference.query import Query
from function.model.loaded import LoadedModel, load
from function.model.outputs import Outputs
from function.protocols import rows
from model_training.bundling.building import Packed

LIMIT = 10_000_000


class Counting:
    """The prediction, with the runs that it was asked for."""

    def __init__(self) -> None:
        self.runs: list[tuple[LoadedModel, int]] = []

    def __call__(self, query: Query, model: LoadedModel) -> Outputs:
        """Predict, unless there is a row that has no answer: the encoded vector of twos."""
        self.runs.append((model, query.rows))
        for row, vector in enumerate(query.vectors):
            if vector[0] == 2:
                raise BadRow(row, "no answer")
        return predict(query, model)


@pytest.fixture
def model(packed: Packed) -> LoadedModel:
    """A live model."""
    return load(packed.data, 1, LIMIT)


def named(model: LoadedModel) -> list[Query]:
    """Ask about each golden row by its own query, and about none."""
    assert model.manifest.golden is not None
    bodies = [dict(zip(model.schema.names, row, strict=True)) for row in model.manifest.golden.rows]
    return [rows.decode(msgspec.json.encode({"instances": each}), model) for each in ([[row] for row in bodies] + [[]])]


def vector(model: LoadedModel, value: int) -> Query:
    """Ask about an encoded vector of one value."""
    return Query(1, vectors=[[value] * model.schema.width])


def asked(batches: Batches, *questions: tuple[Query, LoadedModel]) -> list[Outputs | None]:
    """Ask all in one turn."""

    async def ask() -> list[Outputs | None]:
        return await asyncio.gather(*[batches.outputs(*question) for question in questions])

    return asyncio.run(ask())


def test_what_comes_in_one_turn_is_one_run(model: LoadedModel) -> None:
    """Each gets the answer that it gets alone, but for the last bit of a float; no rows at all are of no kind."""
    count, queries = Counting(), named(model)
    answers = asked(Batches(count), *[(query, model) for query in queries])
    assert count.runs == [(model, len(queries) - 1), (model, 0)]
    for query, outputs in zip(queries, answers, strict=True):
        alone = predict(query, model)
        assert outputs is not None
        assert outputs.labels.tolist() == alone.labels.tolist()
        assert outputs.probabilities is not None
        assert alone.probabilities is not None
        np.testing.assert_allclose(outputs.probabilities, alone.probabilities, atol=1e-6)


def test_the_next_turn_is_another_run(model: LoadedModel) -> None:
    """Nobody waits for who comes later."""
    count = Counting()
    batches = Batches(count)
    for _ in range(2):
        asked(batches, (vector(model, 0), model))
    assert count.runs == [(model, 1), (model, 1)]


def test_a_run_is_of_one_model_and_of_one_kind(model: LoadedModel, packed: Packed) -> None:
    """Also while a model is replaced: each query is answered by the one that it came with."""
    count, other = Counting(), load(packed.data, 2, LIMIT)
    (row, *_) = named(model)
    asked(Batches(count), (row, model), (vector(model, 0), model), (row, other), (vector(other, 1), model))
    assert sorted(count.runs, key=lambda run: (run[0] is other, run[1])) == [(model, 1), (model, 2), (other, 1)]


def test_a_run_that_fails_sends_each_its_own_way(model: LoadedModel) -> None:
    """One row without an answer is nobody else's failure; another model's run goes on."""
    count = Counting()
    answers = asked(Batches(count), (vector(model, 0), model), (vector(model, 2), model), (named(model)[0], model))
    assert answers[:2] == [None, None]
    assert answers[2] is not None


def test_who_stopped_waiting_is_left_out(model: LoadedModel) -> None:
    """The others get their answers."""

    async def ask() -> Outputs | None:
        batches = Batches(Counting())
        gone, waiting = batches.outputs(vector(model, 0), model), batches.outputs(vector(model, 1), model)
        gone.cancel()
        return await waiting

    assert asyncio.run(ask()) is not None
