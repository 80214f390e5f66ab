"""BigQuery remote function: one reply a call; https://cloud.google.com/bigquery/docs/remote-functions.

A call's arguments are the features in the manifest's order, or one JSON value that holds the row.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from function.errors import BadInput, Fault, Problem
from function.inference.query import Query
from function.model.conversion import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.calls import Call, parsed, reader_of
from function.protocols.decoding import decode as decode_json

MOST_BYTES = 1000
"""BigQuery shows an error of less than 1 KB."""
NO_PROBABILITY = Fault(("userDefinedContext", "output"), "enum", 'expected "label": this model gives no probabilities')


class Context(Struct, frozen=True, forbid_unknown_fields=True):
    """What the function's DDL sets as `user_defined_context`."""

    output: Literal["probability", "label"] | UnsetType = UNSET
    """Of the positive class, where there are two; more classes and values are answered as they are."""
    on_error: Literal["fail", "null"] = "fail"


class Request(Struct, frozen=True, rename="camel"):
    """The body; who asks is not read, so that it is not logged either."""

    calls: list[Call]
    user_defined_context: Context | None = None


class Replies(Struct, frozen=True, forbid_unknown_fields=True):
    """A prediction for each call, in order; null for a row that is skipped."""

    replies: list[Any]


class BigQueryError(Struct, frozen=True, rename="camel"):
    """An error, which BigQuery shows to the author of the query."""

    error_message: Annotated[str, Meta(max_length=MOST_BYTES)]


class Style(Struct, frozen=True):
    """What the encoder needs to know of the body."""

    calls: int
    probability: bool


REQUESTS = msgspec.json.Decoder(Request)


def decode(body: bytes, model: LoadedModel) -> Query:
    """Read a body.

    Raises:
        BadInput: naming the row and the argument, unless such rows are to be null.
    """
    request = decode_json(REQUESTS, body)
    context, calls = request.user_defined_context or Context(), request.calls
    if context.output == "probability" and not model.has_probabilities and model.manifest.classes:
        raise BadInput(NO_PROBABILITY)
    probability = context.output != "label" and model.has_probabilities and model.manifest.task == "binary"
    if (len(model.schema.names) or model.schema.width) > 1:
        calls = list(map(parsed, calls))
    read = partial(reader_of(calls), model.schema)
    query = read(calls) if context.on_error == "fail" else _read_good(read, calls)
    return replace(query, style=Style(len(calls), probability))


def place(query: Query, row: int) -> Place:
    """Say where in the body a row is."""
    return ("calls", row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> bytes:
    """Write `{"replies": [...]}`: one a call, in order, null for a bad row that is left out."""
    style: Style = query.style
    positive = outputs.probabilities[:, 1] if style.probability and outputs.probabilities is not None else None
    values = (outputs.labels if positive is None else positive).tolist()
    replies = [None] * style.calls if query.kept is not None else values
    for row, value in zip(query.kept or (), values, strict=False):
        replies[row] = value
    return msgspec.json.encode(Replies(replies))


def encode_problem(problem: Problem) -> bytes:
    """Write `{"errorMessage": sentence}`, cut so that BigQuery shows it."""
    sentence = str(problem)
    body = msgspec.json.encode(BigQueryError(sentence))
    while len(body) > MOST_BYTES:
        sentence = sentence[: len(sentence) * MOST_BYTES // len(body) - 4]
        body = msgspec.json.encode(BigQueryError(sentence + "..."))
    return body


def _read_good(read: Callable[[list[Call]], Query], calls: list[Call]) -> Query:
    """Read the calls that can be read, and note which they are."""
    kept = list(range(len(calls)))
    try:
        query = read(calls)
    except BadInput:
        kept = [row for row in kept if _is_good(read, calls[row])]
        query = read([calls[row] for row in kept])
    return replace(query, kept=kept, left_out=len(calls) - len(kept))


def _is_good(read: Callable[[list[Call]], Query], call: Call) -> bool:
    try:
        read([call])
    except BadInput:
        return False
    return True
