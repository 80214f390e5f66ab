"""One prediction: bytes in a protocol's dialect, a live model, bytes back."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from function.errors import BadInput, BadRow, Fault, TooLarge, ValuesNotTaken
from function.model.live import LiveModel
from function.model.outputs import Outputs
from function.model.schema import Columns, Vectors

SMALL_BODY_BYTES = 16 * 1024
"""Up to this size a body is answered on the event loop; a larger one would make the others wait."""
NOT_FINITE = "the model has no finite answer for this row"
NOT_TAKEN = "the model does not take the values of this row"


@dataclass(frozen=True, slots=True)
class Query:
    """What a body asks for: n rows as columns or as encoded vectors, and how to put the answer."""

    rows: int
    columns: Columns | None = None
    vectors: Vectors = ()
    style: Any = None
    """The protocol's own note of how the answer is to be put."""
    kept: Sequence[int] | None = None
    """Which of the body's rows these are, where bad ones are left out; None where one fails them all."""
    left_out: int = 0
    explain: bool = False
    """Whether the outputs are to have an explanation."""

    def part(self, start: int, stop: int) -> "Query":
        """Return the same question about some of its rows."""
        columns = self.columns and [column[start:stop] for column in self.columns]
        kept = self.kept and self.kept[start:stop]
        return Query(stop - start, columns, self.vectors[start:stop], self.style, kept)


class WireFormat(Protocol):
    """A module of `function.protocols`."""

    def decode(self, body: bytes, model: LiveModel) -> Query:
        """Read a body; raises BadInput."""

    def place(self, query: Query, row: int) -> tuple[str | int, ...]:
        """Say where in the body a row is."""

    def encode(self, query: Query, outputs: Outputs, model: LiveModel) -> bytes:
        """Write the answer's body."""


@dataclass(frozen=True)
class Inference:
    """Answers bodies within the limits of the settings."""

    max_rows: int
    pool: Executor

    async def answer(self, wire: WireFormat, body: bytes, model: LiveModel) -> bytes:
        """Answer on the event loop, or in the bounded pool where that takes long.

        Raises:
            BadInput: the body is not what the protocol and the model ask for.
            TooLarge: it has more than `max_rows` rows.
        """
        loop = asyncio.get_running_loop()
        if len(body) > SMALL_BODY_BYTES or model.engine.blocking:
            return await loop.run_in_executor(self.pool, self._answer, wire, body, model)
        query = wire.decode(body, model)
        if query.explain:  # A few rows may take a run of thousands.
            return await loop.run_in_executor(self.pool, self._reply, wire, query, model)
        return self._reply(wire, query, model)

    def _answer(self, wire: WireFormat, body: bytes, model: LiveModel) -> bytes:
        return self._reply(wire, wire.decode(body, model), model)

    def _reply(self, wire: WireFormat, query: Query, model: LiveModel) -> bytes:
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

    def _bound(self, query: Query, model: LiveModel) -> None:
        if (rows := query.rows + query.left_out) > self.max_rows:
            raise TooLarge(f"The body has {rows} rows; one request may hold {self.max_rows}.")
        if query.explain and model.explained_by == "replacement":
            most = self.max_rows // (2 + len(model.schema.typical))
            if query.rows > most:
                raise TooLarge(f"The body has {query.rows} rows; one request for explanations may hold {most}.")


def predict(query: Query, model: LiveModel) -> Outputs:
    """Predict every row.

    Raises:
        BadRow: a row's values lead to no number, or the model does not take them.
    """
    try:
        outputs = _predict(query, model)
    except ValuesNotTaken as error:
        raise BadRow(_first_failing(query, model), NOT_TAKEN) from error
    check_finite(outputs)
    return outputs


def explain(query: Query, outputs: Outputs, model: LiveModel) -> Outputs:
    """Add an explanation to the outputs of a row at least.

    Raises:
        BadRow: a row's answer is made of numbers that are not finite.
    """
    explanation = model.explain(query.columns, query.vectors, outputs)
    _check_finite(np.column_stack([explanation.baseline, *explanation.contributions.values()]))
    return replace(outputs, explanation=explanation)


def _predict(query: Query, model: LiveModel) -> Outputs:
    if query.columns is not None:
        return model.predict_columns(query.columns)
    return model.predict_vectors(query.vectors)


def _first_failing(query: Query, model: LiveModel) -> int:
    """Find a row that fails, by halves: scikit-learn says that a table is bad, not where."""
    start, stop = 0, query.rows
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            _predict(query.part(start, middle), model)
        except ValuesNotTaken:
            stop = middle
        else:
            start = middle
    return start


def predict_good(query: Query, model: LiveModel) -> tuple[Query, Outputs]:
    """Predict the rows that the model can answer; return the question about those, with the answers."""
    parts = [(query.part(0, 0), predict(query.part(0, 0), model)), *_good_parts(query, model)]
    labels = [outputs.labels for _, outputs in parts[1:] or parts]
    probabilities = [outputs.probabilities for _, outputs in parts[1:] or parts if outputs.probabilities is not None]
    kept = [row for part, _ in parts for row in part.kept or ()]
    outputs = Outputs(np.concatenate(labels), np.concatenate(probabilities) if probabilities else None)
    return Query(len(kept), style=query.style, kept=kept), outputs


def _good_parts(query: Query, model: LiveModel) -> list[tuple[Query, Outputs]]:
    """Leave bad rows out by halves."""
    try:
        outputs = _predict(query, model)
        check_finite(outputs)
    except (ValuesNotTaken, BadRow):
        middle = query.rows // 2
        halves = (query.part(0, middle), query.part(middle, query.rows)) if middle else ()
        return [part for half in halves for part in _good_parts(half, model)]
    return [(query, outputs)]


def check_finite(outputs: Outputs) -> None:
    """Refuse a row for which the model has no finite answer, as far-off numbers may have none.

    Raises:
        BadRow: naming the row.
    """
    _check_finite(outputs.labels if outputs.probabilities is None else outputs.probabilities)


def _check_finite(numbers: npt.NDArray[Any]) -> None:
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        finite = np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1)
        raise BadRow(int(np.argmin(finite)), NOT_FINITE)
