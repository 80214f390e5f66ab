"""Run the model once for all queries that arrive in the same turn of the event loop."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

OutputsFuture = asyncio.Future[Outputs | None]
Predict = Callable[[Query, LoadedModel], Outputs]


class Batches:
    """Collect queries and predict them together in the next turn of the event loop; there is no timer."""

    def __init__(self, predict: Predict) -> None:
        """Set the function that predicts a batch; if it raises, each query of the batch has to be predicted alone."""
        self._predict = predict
        self._pending: dict[tuple[LoadedModel, bool], list[tuple[Query, OutputsFuture]]] = {}

    def submit(self, query: Query, model: LoadedModel) -> OutputsFuture:
        """Add a query to the next batch; the future's result is None if the query has to be predicted alone.

        Queries share a batch if they have the same model, and if all have columns or all have encoded vectors.
        """
        loop = asyncio.get_running_loop()
        if not self._pending:
            loop.call_soon(self._run)
        future: OutputsFuture = loop.create_future()
        self._pending.setdefault((model, query.columns is None), []).append((query, future))
        return future

    def _run(self) -> None:
        pending, self._pending = self._pending, {}
        for (model, _), submitted in pending.items():
            queries = [query for query, _ in submitted]
            for (_, future), outputs in zip(submitted, self._outputs(queries, model), strict=True):
                if not future.done():  # It is cancelled if the client has disconnected.
                    future.set_result(outputs)

    def _outputs(self, queries: Sequence[Query], model: LoadedModel) -> Sequence[Outputs | None]:
        try:
            outputs = self._predict(joined(queries), model)
        except Exception:
            return [None] * len(queries)
        return [outputs] if len(queries) == 1 else list(_parts(queries, outputs))


def joined(queries: Sequence[Query]) -> Query:
    """Concatenate the rows of queries that all have columns or all have encoded vectors."""
    if len(queries) == 1:
        return queries[0]
    rows = sum(query.rows for query in queries)
    if queries[0].columns is None:
        return Query(rows, vectors=[vector for query in queries for vector in query.vectors])
    tables = [query.columns for query in queries if query.columns is not None]
    return Query(rows, [np.concatenate(column) for column in zip(*tables, strict=True)])


def _parts(queries: Sequence[Query], outputs: Outputs) -> Iterator[Outputs]:
    start = 0
    for query in queries:
        yield outputs.part(start, start := start + query.rows)
