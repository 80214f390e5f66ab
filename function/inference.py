"""One prediction: bytes in a protocol's dialect, a live model, bytes back."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from function.errors import BadInput, Fault, TooLarge
from function.model.live import LiveModel
from function.model.outputs import Outputs
from function.model.schema import Columns, Matrix

SMALL_BODY_BYTES = 16 * 1024
"""Up to this size a body is answered on the event loop; a larger one would make the others wait."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a body asks for: rows as columns or as encoded vectors, and how to put the answer."""

    rows: int
    inputs: Columns | Matrix
    style: Any = None
    """The protocol's own note of how the answer is to be put."""


class WireFormat(Protocol):
    """A module of `function.protocols`."""

    def decode(self, body: bytes, model: LiveModel) -> Query:
        """Read a body; raises BadInput."""

    def encode(self, query: Query, outputs: Outputs, model: LiveModel) -> bytes:
        """Write the answer's body."""


@dataclass(frozen=True)
class Inference:
    """Answers bodies within the limits of the settings."""

    max_rows: int
    pool: Executor

    async def answer(self, wire: WireFormat, body: bytes, model: LiveModel) -> bytes:
        """Answer on the event loop, or in the bounded pool where the body is large.

        Raises:
            BadInput: the body is not what the protocol and the model ask for.
            TooLarge: it has more than `max_rows` rows.
        """
        if len(body) <= SMALL_BODY_BYTES:
            return self._answer(wire, body, model)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, self._answer, wire, body, model)

    def _answer(self, wire: WireFormat, body: bytes, model: LiveModel) -> bytes:
        query = wire.decode(body, model)
        if query.rows > self.max_rows:
            raise TooLarge(f"The body has {query.rows} rows; one request may hold {self.max_rows}.")
        encoded = query.inputs if isinstance(query.inputs, np.ndarray) else model.encode(query.inputs)
        outputs = model.predict(encoded)
        check_finite(outputs)
        return wire.encode(query, outputs, model)


def check_finite(outputs: Outputs) -> None:
    """Refuse a row for which the model has no finite answer, as far-off numbers may have none.

    Raises:
        BadInput: naming the row.
    """
    numbers = outputs.labels if outputs.probabilities is None else outputs.probabilities
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1)))
        raise BadInput(Fault((row,), "range", "the model has no finite answer for this row"))
