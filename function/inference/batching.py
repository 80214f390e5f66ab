"""Run the model once for many queries: those of a few turns of the event loop, or all that wait for a thread."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np

from function.errors import Overloaded
from function.inference.pace import Pace
from function.inference.phases import UNTIMED, Phases
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

OutputsFuture = asyncio.Future[Outputs | None]
Predict = Callable[[Query, LoadedModel], Outputs]
Lane = tuple[LoadedModel, bool, bool]
"""Queries may share a batch if they have the same model, and all have columns, all named rows, or all vectors."""
Waiting = tuple[Query, OutputsFuture, float]

TURNS = 6
"""In which turn of the event loop after that of its first query a batch is predicted. A turn in which nothing arrives
takes a microsecond; after one in which requests do, predicting them together is the cheaper way."""
WAITING_SLICES = 40
"""For how many slices of the event loop's time queries to a fast model may wait, whatever their number."""
POOL_BATCH_ROWS = 1000
"""The maximum rows of a batch in the pool."""
MAX_SHARED_ROWS = 256
"""The maximum rows of a query that shares a batch in the pool."""


class Batches:
    """Collect queries and predict them together; there is no timer.

    A fast model predicts on the event loop, a few turns later. An engine that blocks, or a model of which a single row
    takes too long, predicts in the pool: a free thread takes all that waits.
    """

    def __init__(
        self,
        predict: Predict,
        pool: Executor,
        *,
        threads: int = 1,
        max_waiting: int = 256,
        phases: Phases = UNTIMED,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Create an empty queue.

        Args:
            predict: predicts a batch; if it raises, the batch is halved until the failing queries are found.
            pool: runs the batches that would block the event loop.
            threads: how many batches may run in the pool at a time.
            max_waiting: how many queries may wait.
            phases: records how long queries wait, and batches take.
            clock: returns seconds.
        """
        self._predict, self._pool, self._phases, self._clock = predict, pool, phases, clock
        self._threads, self._max_waiting = threads, max_waiting
        self._lanes: dict[Lane, list[Waiting]] = {}
        self._waiting = self._running = 0
        self._scheduled = False
        self._pace = Pace()
        self._paced: LoadedModel | None = None

    def submit(self, query: Query, model: LoadedModel) -> OutputsFuture:
        """Add a query to the next batch; the future's result is None if the query has to be predicted alone.

        Raises:
            Overloaded: too many queries wait.
        """
        self.check_room(model)
        loop = asyncio.get_running_loop()
        future: OutputsFuture = loop.create_future()
        lane = (model, query.columns is None, not query.named)
        if lane not in self._lanes:
            self._lanes[lane] = []
        self._lanes[lane].append((query, future, self._phases.now()))
        self._waiting += 1
        self._schedule(loop)
        return future

    def check_room(self, model: LoadedModel) -> None:
        """Raise Overloaded if too many queries wait: of a fast model, more than its pace answers soon."""
        if self._waiting >= self._max_waiting and not (
            self.fits_loop(1, model) and self._waiting < self._pace_of(model).rows * WAITING_SLICES
        ):
            raise Overloaded(self._waiting)

    def accepts(self, rows: int, model: LoadedModel) -> bool:
        """Return whether a query of so many rows is small enough to share a batch."""
        return rows <= MAX_SHARED_ROWS if model.engine.blocking else rows <= max(self._pace_of(model).rows, 1)

    def fits_loop(self, rows: int, model: LoadedModel) -> bool:
        """Return whether the model predicts so many rows in a slice of the event loop's time, as far as is known."""
        return not model.engine.blocking and rows <= self._pace_of(model).rows

    def _pace_of(self, model: LoadedModel) -> Pace:
        if model is not self._paced:
            self._pace, self._paced = Pace(), model
        return self._pace

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._scheduled:
            self._scheduled = True
            call: Any = loop.call_soon
            call(*[call] * (TURNS - 1), self._run)  # Each calls the next one, in the next turn.

    def _run(self) -> None:
        """Run one batch of each lane, so that other requests are handled before the next batch."""
        self._scheduled = False
        for lane in list(self._lanes):
            model = lane[0]
            if self.fits_loop(1, model):
                batch = self._take(lane, self._pace_of(model).rows)
                self._resolve(batch, self._outputs(batch, model, self._pace))
            elif self._running < self._threads:
                self._run_in_pool(self._take(lane, POOL_BATCH_ROWS), model)
        if self._lanes and any(self._running < self._threads or self.fits_loop(1, model) for model, *_ in self._lanes):
            self._schedule(asyncio.get_running_loop())

    def _run_in_pool(self, batch: Sequence[Waiting], model: LoadedModel) -> None:
        if not batch:
            return
        loop = asyncio.get_running_loop()
        self._running += 1

        def on_done(run: "asyncio.Future[Sequence[Outputs | None]]") -> None:
            self._running -= 1
            self._resolve(batch, [None] * len(batch) if run.cancelled() or run.exception() else run.result())
            self._schedule(loop)

        loop.run_in_executor(self._pool, self._outputs, batch, model, self._pace_of(model)).add_done_callback(on_done)

    def _take(self, lane: Lane, max_rows: int) -> list[Waiting]:
        """Take the oldest queries of a lane, up to so many rows but at least one query; what is left comes last."""
        queue = self._lanes.pop(lane)
        batch: list[Waiting] = []
        rows = taken = 0
        for waiting in queue:
            query, future, _ = waiting
            if batch and rows + query.rows > max_rows:
                break
            self._waiting -= 1
            taken += 1
            if not future.done():  # It is cancelled if its request has timed out.
                rows += query.rows
                batch.append(waiting)
        if taken < len(queue):
            self._lanes[lane] = queue[taken:]
        return batch

    def _outputs(self, batch: Sequence[Waiting], model: LoadedModel, pace: Pace) -> Sequence[Outputs | None]:
        """Predict a batch; runs on the event loop or in the pool."""
        queries = [query for query, _, _ in batch]
        if not queries:
            return []
        start, phases = self._clock(), self._phases
        if phases is not UNTIMED:
            for _, _, submitted in batch:
                phases.add("wait", phases.now() - submitted)
        outputs = self._halved(queries, model)
        seconds = self._clock() - start
        phases.add("predict", seconds)
        pace.learn(sum(query.rows for query in queries), seconds)
        return outputs

    def _halved(self, queries: Sequence[Query], model: LoadedModel) -> Sequence[Outputs | None]:
        """Predict queries together; if that fails, each half of them."""
        try:
            outputs = self._predict(joined(queries), model)
        except Exception:
            if len(queries) == 1:
                return [None]
            middle = len(queries) // 2
            return [*self._halved(queries[:middle], model), *self._halved(queries[middle:], model)]
        return [outputs] if len(queries) == 1 else list(_parts(queries, outputs))

    @staticmethod
    def _resolve(batch: Sequence[Waiting], outputs: Sequence[Outputs | None]) -> None:
        for (_, future, _), result in zip(batch, outputs, strict=True):
            if not future.done():
                future.set_result(result)


def joined(queries: Sequence[Query]) -> Query:
    """Concatenate the rows of queries that all have columns, all named rows, or all encoded vectors."""
    if len(queries) == 1:
        return queries[0]
    rows = sum(query.rows for query in queries)
    if queries[0].named:
        return Query(rows, named=[row for query in queries for row in query.named])
    if queries[0].columns is None:
        return Query(rows, vectors=[vector for query in queries for vector in query.vectors])
    tables = [query.columns for query in queries if query.columns is not None]
    return Query(rows, [np.concatenate(column) for column in zip(*tables, strict=True)])


def _parts(queries: Sequence[Query], outputs: Outputs) -> Iterator[Outputs]:
    start = 0
    for query in queries:
        yield outputs.part(start, start := start + query.rows)
