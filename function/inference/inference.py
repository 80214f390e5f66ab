"""Predict from a request body: decode it, run the model, and encode the response."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple, TypeVar

from function.errors import BadInput, BadRow, Fault, Overloaded, TooLarge
from function.inference.batching import Batches
from function.inference.codec import Codec
from function.inference.phases import UNTIMED, Phases
from function.inference.prediction import explain, predict, predict_valid
from function.inference.query import Query
from function.inference.stop import Stop
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

T = TypeVar("T")

SMALL_BODY_COMMAS = 1024
"""A small body with about as many values is decoded on the event loop."""


class Answer(NamedTuple):
    """An encoded response, and how many values of its rows the model does not know."""

    body: bytes
    media_type: str
    headers: Mapping[str, str]
    unknown_values: int


class Inference:
    """Predict from request bodies, within the limits of the settings."""

    def __init__(
        self,
        max_rows: int,
        pool: Executor,
        batch_pool: Executor | None = None,
        *,
        batch_threads: int = 1,
        max_waiting: int = 256,
        phases: Phases = UNTIMED,
    ) -> None:
        """Set the limits, and where predictions are made that would block the event loop.

        Args:
            max_rows: the maximum number of rows of a request.
            pool: runs large bodies and explanations.
            batch_pool: runs batches of small queries, which must not wait for large ones; `pool` if omitted.
            batch_threads: the number of threads of `batch_pool`.
            max_waiting: how many small queries, and how many large bodies, may wait.
            phases: records where the time goes.
        """
        self.max_rows = max_rows
        self._pool, self._phases = pool, phases
        self._in_pool_now, self._max_waiting = 0, max_waiting
        self._batches = Batches(
            predict, batch_pool or pool, threads=batch_threads, max_waiting=max_waiting, phases=phases
        )

    async def predict(self, codec: Codec, body: bytes, model: LoadedModel) -> Answer:
        """Return the encoded predictions for a body.

        Small bodies are decoded on the event loop, and predicted in a batch with those that arrived at the same time.
        Large bodies and explanations run in the pool.

        Raises:
            BadInput: the body does not match the protocol or the model.
            TooLarge: the body has too many rows.
            Overloaded: too many requests wait.
        """
        if len(body) > codec.small_body_bytes or body.count(b",") > SMALL_BODY_COMMAS:
            return await self.in_pool(self._predict_body, codec, body, model)
        self._batches.check_room(model)  # Before decoding, which costs about as much as predicting.
        start = self._phases.now()
        query = codec.decode(body, model)
        self._phases.since("decode", start)
        if query.explain or not self._batches.accepts(query.rows, model):  # An explanation may need thousands of rows.
            return await self.in_pool(self._predict_query, codec, query, model)
        self._check_rows(query, model)
        outputs = await self._batches.submit(query, model)
        if outputs is None:
            return await self.in_pool(self._predict_query, codec, query, model)
        return self._answer(codec, query, outputs, model, _count_unknown(query, model))

    async def in_pool(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a function in the pool, with a flag as its last argument that is set if its request is cancelled.

        Raises:
            Overloaded: too many functions wait or run.
        """
        if self._in_pool_now >= self._max_waiting:
            raise Overloaded(self._in_pool_now)
        stop = Stop()
        self._in_pool_now += 1
        try:
            run = partial(function, *arguments, stop)
            return await asyncio.get_running_loop().run_in_executor(self._pool, run)
        finally:
            stop.set()
            self._in_pool_now -= 1

    def _predict_body(self, codec: Codec, body: bytes, model: LoadedModel, stop: Stop) -> Answer:
        start = self._phases.now()
        query = codec.decode(body, model)
        self._phases.since("decode", start)
        return self._predict_query(codec, query, model, stop)

    def _predict_query(self, codec: Codec, query: Query, model: LoadedModel, stop: Stop) -> Answer:
        self._check_rows(query, model)
        start, unknown = self._phases.now(), _count_unknown(query, model)
        try:
            outputs = predict(query, model, stop)
        except BadRow as error:
            if query.kept is None:
                raise _bad_input(codec, query, error) from error
            query, outputs = predict_valid(query, model, stop)
        if query.explain and query.rows:
            try:
                outputs = explain(query, outputs, model, stop)
            except BadRow as error:
                raise _bad_input(codec, query, error) from error
        self._phases.since("predict", start)
        return self._answer(codec, query, outputs, model, unknown)

    def _answer(self, codec: Codec, query: Query, outputs: Outputs, model: LoadedModel, unknown: int) -> Answer:
        start = self._phases.now()
        encoded = codec.encode(query, outputs, model)
        self._phases.since("encode", start)
        self._phases.predicted(query.rows)
        return Answer(*encoded, unknown)

    def _check_rows(self, query: Query, model: LoadedModel) -> None:
        if (rows := query.rows + query.skipped) > self.max_rows:
            raise TooLarge(f"The body has {rows} rows. The limit of a request is {self.max_rows} rows.")
        if query.explain and model.explained_by == "replacement":
            limit = self.max_rows // (2 + len(model.schema.typical))
            if query.rows > limit:
                raise TooLarge(
                    f"The body has {query.rows} rows. The limit of a request for explanations is {limit} rows."
                )


def _count_unknown(query: Query, model: LoadedModel) -> int:
    return 0 if query.columns is None else sum(model.schema.unknown_values(query.columns).values())


def _bad_input(codec: Codec, query: Query, error: BadRow) -> BadInput:
    return BadInput(Fault(codec.place(query, error.row), "value", str(error)))
