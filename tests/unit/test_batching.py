"""function/inference/batching.py: queries that arrive in the same turn of the event loop share a batch."""

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
    """A prediction function that records its batches."""

    def __init__(self) -> None:
        self.batches: list[tuple[LoadedModel, int]] = []

    def __call__(self, query: Query, model: LoadedModel) -> Outputs:
        """Predict, but fail if there is an encoded vector of twos."""
        self.batches.append((model, query.rows))
        for row, vector in enumerate(query.vectors):
            if vector[0] == 2:
                raise BadRow(row, "no prediction")
        return predict(query, model)


@pytest.fixture
def model(packed: Packed) -> LoadedModel:
    """A live model."""
    return load(packed.data, 1, LIMIT)


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
    outputs_of_all = submitted(Batches(count), *[(query, model) for query in queries])
    assert count.batches == [(model, len(queries) - 1), (model, 0)]
    for query, outputs in zip(queries, outputs_of_all, strict=True):
        alone = predict(query, model)
        assert outputs is not None
        assert outputs.labels.tolist() == alone.labels.tolist()
        assert outputs.probabilities is not None
        assert alone.probabilities is not None
        np.testing.assert_allclose(outputs.probabilities, alone.probabilities, atol=1e-6)


def test_the_next_turn_is_another_batch(model: LoadedModel) -> None:
    """A batch does not wait for later queries."""
    count = Counting()
    batches = Batches(count)
    for _ in range(2):
        submitted(batches, (vector(model, 0), model))
    assert count.batches == [(model, 1), (model, 1)]


def test_a_batch_has_one_model_and_one_kind_of_rows(model: LoadedModel, packed: Packed) -> None:
    """Also while a model is replaced: each query is predicted by its own model."""
    count, other = Counting(), load(packed.data, 2, LIMIT)
    (row, *_) = named(model)
    submitted(Batches(count), (row, model), (vector(model, 0), model), (row, other), (vector(other, 1), model))
    assert sorted(count.batches, key=lambda batch: (batch[0] is other, batch[1])) == [
        (model, 1),
        (model, 2),
        (other, 1),
    ]


def test_queries_of_a_failed_batch_are_predicted_alone(model: LoadedModel) -> None:
    """One row that fails does not fail other queries; other batches are not affected."""
    count = Counting()
    outputs_of_all = submitted(
        Batches(count), (vector(model, 0), model), (vector(model, 2), model), (named(model)[0], model)
    )
    assert outputs_of_all[:2] == [None, None]
    assert outputs_of_all[2] is not None


def test_a_cancelled_query_is_skipped(model: LoadedModel) -> None:
    """The others get their outputs_of_all."""

    async def submit() -> Outputs | None:
        batches = Batches(Counting())
        gone, waiting = batches.submit(vector(model, 0), model), batches.submit(vector(model, 1), model)
        gone.cancel()
        return await waiting

    assert asyncio.run(submit()) is not None
