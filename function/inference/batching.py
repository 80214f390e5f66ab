"""One run of the engine for all queries that arrive in the same turn of the event loop."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

Answer = asyncio.Future[Outputs | None]
Predict = Callable[[Query, LoadedModel], Outputs]


class Batches:
    """Collects queries and answers them in the next turn; there is no timer, and nothing waits for company."""

    def __init__(self, predict: Predict) -> None:
        """`predict` runs the engine once; whatever it raises sends every query of the run its own way."""
        self._predict = predict
        self._waiting: dict[tuple[LoadedModel, bool], list[tuple[Query, Answer]]] = {}

    def outputs(self, query: Query, model: LoadedModel) -> Answer:
        """Return the future outputs of a query; None of one that has to be asked alone.

        Queries share a run where they are of one model, and all columns or all encoded vectors.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._run)
        answer: Answer = loop.create_future()
        self._waiting.setdefault((model, query.columns is None), []).append((query, answer))
        return answer

    def _run(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for (model, _), asked in waiting.items():
            queries = [query for query, _ in asked]
            for (_, answer), outputs in zip(asked, self._outputs(queries, model), strict=True):
                if not answer.done():  # Who asked may be gone.
                    answer.set_result(outputs)

    def _outputs(self, queries: Sequence[Query], model: LoadedModel) -> Sequence[Outputs | None]:
        try:
            outputs = self._predict(joined(queries), model)
        except Exception:
            return [None] * len(queries)
        return [outputs] if len(queries) == 1 else list(_parts(queries, outputs))


def joined(queries: Sequence[Query]) -> Query:
    """Put the rows of queries of one kind behind one another."""
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
