"""Predict from a request body: decode it, run the model, and encode the response."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, NamedTuple, Protocol

from function.errors import BadInput, BadRow, Fault, TooLarge
from function.inference.batching import Batches
from function.inference.prediction import explain, predict, predict_valid
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

SMALL_BODY_BYTES = 16 * 1024
"""A body up to this size is processed on the event loop; a larger one would delay other requests."""


class Codec(Protocol):
    """A module of `function.protocols`: decodes request bodies and encodes predictions."""

    def decode(self, body: bytes, model: LoadedModel) -> Query:
        """Decode a body; raise BadInput if it is invalid."""

    def place(self, query: Query, row: int) -> tuple[str | int, ...]:
        """Return the place of a row in the body."""

    def encode(self, query: Query, outputs: Outputs, model: LoadedModel) -> bytes:
        """Encode the predictions as the body of the response."""


class Answer(NamedTuple):
    """An encoded response, and how many values of its rows the model does not know."""

    body: bytes
    unknown_values: int


class Inference:
    """Predict from request bodies, within the limits of the settings."""

    def __init__(self, max_rows: int, pool: Executor) -> None:
        """Set the limit of rows, and the pool for work that would block the event loop."""
        self.max_rows = max_rows
        self._pool = pool
        self._batches = Batches(predict)

    async def predict(self, codec: Codec, body: bytes, model: LoadedModel) -> Answer:
        """Return the encoded predictions for a body.

        Small bodies are predicted on the event loop, in a batch with those that arrived at the same time. Large
        bodies, blocking engines and explanations run in the pool.

        Raises:
            BadInput: the body does not match the protocol or the model.
            TooLarge: the body has too many rows.
        """
        if len(body) > SMALL_BODY_BYTES or model.engine.blocking:
            return await self._in_pool(self._predict_body, codec, body, model)
        query = codec.decode(body, model)
        if query.explain:  # A few rows may need a batch of thousands.
            return await self._in_pool(self._predict_query, codec, query, model)
        self._check_rows(query, model)
        outputs = await self._batches.submit(query, model)
        if outputs is None:
            return self._predict_query(codec, query, model)
        return Answer(codec.encode(query, outputs, model), _count_unknown(query, model))

    async def _in_pool(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    def _predict_body(self, codec: Codec, body: bytes, model: LoadedModel) -> Answer:
        return self._predict_query(codec, codec.decode(body, model), model)

    def _predict_query(self, codec: Codec, query: Query, model: LoadedModel) -> Answer:
        self._check_rows(query, model)
        unknown = _count_unknown(query, model)
        try:
            outputs = predict(query, model)
        except BadRow as error:
            if query.kept is None:
                raise _bad_input(codec, query, error) from error
            query, outputs = predict_valid(query, model)
        if query.explain and query.rows:
            try:
                outputs = explain(query, outputs, model)
            except BadRow as error:
                raise _bad_input(codec, query, error) from error
        return Answer(codec.encode(query, outputs, model), unknown)

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
