"""One prediction: bytes in a protocol's dialect, a live model, bytes back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Protocol

from function.errors import BadInput, BadRow, Fault, TooLarge
from function.inference.batching import Batches
from function.inference.prediction import explain, predict, predict_good
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

SMALL_BODY_BYTES = 16 * 1024
"""Up to this size a body is answered on the event loop; a larger one would make the others wait."""


class WireFormat(Protocol):
    """A module of `function.protocols`."""

    def decode(self, body: bytes, model: LoadedModel) -> Query:
        """Read a body; raises BadInput."""

    def place(self, query: Query, row: int) -> tuple[str | int, ...]:
        """Say where in the body a row is."""

    def encode(self, query: Query, outputs: Outputs, model: LoadedModel) -> bytes:
        """Write the answer's body."""


class Inference:
    """Answers bodies within the limits of the settings."""

    def __init__(self, max_rows: int, pool: Executor) -> None:
        """`pool` is where it happens that would make the event loop wait."""
        self.max_rows = max_rows
        self._pool = pool
        self._batches = Batches(predict)

    async def answer(self, wire: WireFormat, body: bytes, model: LoadedModel) -> bytes:
        """Answer on the event loop, in one run with what came at the same time, or in the pool where that takes long.

        Raises:
            BadInput: the body is not what the protocol and the model ask for.
            TooLarge: it has more than `max_rows` rows.
        """
        if len(body) > SMALL_BODY_BYTES or model.engine.blocking:
            return await self._in_pool(self._answer, wire, body, model)
        query = wire.decode(body, model)
        if query.explain:  # A few rows may take a run of thousands.
            return await self._in_pool(self._reply, wire, query, model)
        self._bound(query, model)
        outputs = await self._batches.outputs(query, model)
        return self._reply(wire, query, model) if outputs is None else wire.encode(query, outputs, model)

    async def _in_pool(self, answer: Callable[..., bytes], *arguments: Any) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._pool, answer, *arguments)

    def _answer(self, wire: WireFormat, body: bytes, model: LoadedModel) -> bytes:
        return self._reply(wire, wire.decode(body, model), model)

    def _reply(self, wire: WireFormat, query: Query, model: LoadedModel) -> bytes:
        self._bound(query, model)
        try:
            outputs = predict(query, model)
            if query.explain and query.rows:
                outputs = explain(query, outputs, model)
        except BadRow as error:
            if query.kept is None:
                raise BadInput(Fault(wire.place(query, error.row), "value", str(error))) from error
            query, outputs = predict_good(query, model)
        return wire.encode(query, outputs, model)

    def _bound(self, query: Query, model: LoadedModel) -> None:
        if (rows := query.rows + query.left_out) > self.max_rows:
            raise TooLarge(f"The body has {rows} rows; one request may hold {self.max_rows}.")
        if query.explain and model.explained_by == "replacement":
            most = self.max_rows // (2 + len(model.schema.typical))
            if query.rows > most:
                raise TooLarge(f"The body has {query.rows} rows; one request for explanations may hold {most}.")
