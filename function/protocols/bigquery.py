"""BigQuery remote function: one reply a call; https://cloud.google.com/bigquery/docs/remote-functions.

A call's arguments are the features in the manifest's order, or one JSON value that holds the row.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.decoding import Place, convert, listed
from function.decoding import decode as decode_json
from function.errors import BadInput, Fault, Problem
from function.inference import Query
from function.model.live import LiveModel
from function.model.manifest import Feature
from function.model.outputs import Outputs
from function.model.schema import Schema

BAD_INPUT_STATUS = 400
MOST_BYTES = 1000
"""BigQuery shows an error of less than 1 KB."""
NO_PROBABILITY = Fault(("userDefinedContext", "output"), "enum", 'expected "label": this model gives no probabilities')

ONE_OF_JSON = "one argument of JSON, as the other calls have"
NAN = "NaN"
NUMERIC = ("integer", "number")

Call = list[Any]
Reader = Callable[[list[Call]], Query]


class Context(Struct, frozen=True, forbid_unknown_fields=True):
    """What the function's DDL sets as `user_defined_context`."""

    output: Literal["probability", "label"] | UnsetType = UNSET
    """Of the positive class, where there are two; more classes and values are answered as they are."""
    on_error: Literal["fail", "null"] = "fail"


class Request(Struct, frozen=True, rename="camel"):
    """The body; who asks is not read, so that it is not logged either."""

    calls: list[Call]
    user_defined_context: Context | None = None


class Style(Struct, frozen=True):
    """What the encoder needs to know of the body."""

    calls: int
    probability: bool


REQUESTS = msgspec.json.Decoder(Request)


def decode(body: bytes, model: LiveModel) -> Query:
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
        calls = list(map(_parsed, calls))
    read = partial(_reader(calls), model.schema, Style(len(calls), probability))
    return read(calls) if context.on_error == "fail" else _read_good(read, calls)


def place(query: Query, row: int) -> Place:
    """Say where in the body a row is."""
    return ("calls", row)


def encode(query: Query, outputs: Outputs, model: LiveModel) -> bytes:
    """Write `{"replies": [...]}`: one a call, in order, null for a bad row that is left out."""
    style: Style = query.style
    positive = outputs.probabilities[:, 1] if style.probability and outputs.probabilities is not None else None
    values = (outputs.labels if positive is None else positive).tolist()
    replies = [None] * style.calls if query.kept is not None else values
    for row, value in zip(query.kept or (), values, strict=False):
        replies[row] = value
    return msgspec.json.encode({"replies": replies})


def encode_problem(problem: Problem) -> bytes:
    """Write `{"errorMessage": sentence}`, cut so that BigQuery shows it."""
    sentence = str(problem)
    body = msgspec.json.encode({"errorMessage": sentence})
    while len(body) > MOST_BYTES:
        sentence = sentence[: len(sentence) * MOST_BYTES // len(body) - 4]
        body = msgspec.json.encode({"errorMessage": sentence + "..."})
    return body


def _read_good(read: Reader, calls: list[Call]) -> Query:
    """Read the calls that can be read, and note which they are."""
    kept = list(range(len(calls)))
    try:
        query = read(calls)
    except BadInput:
        kept = [row for row in kept if _is_good(read, calls[row])]
        query = read([calls[row] for row in kept])
    return replace(query, kept=kept, left_out=len(calls) - len(kept))


def _is_good(read: Reader, call: Call) -> bool:
    try:
        read([call])
    except BadInput:
        return False
    return True


def _parsed(call: Call) -> Call:
    """Take a single text argument for the JSON that it is, if it is."""
    if len(call) != 1 or not isinstance(call[0], str):
        return call
    try:
        return [msgspec.json.decode(call[0])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return call


def _reader(calls: list[Call]) -> Callable[[Schema, Style, list[Call]], Query]:
    """Choose how to read the calls, which are all of one kind."""
    kinds = {type(call[0]) for call in calls if len(call) == 1}
    return _read_objects if dict in kinds else _read_vectors if list in kinds else _read_arguments


def _read_arguments(schema: Schema, style: Style, calls: list[Call]) -> Query:
    """Read calls of an argument each feature, or each number of a vector where features have no names."""
    names = schema.names
    count = len(names) or schema.width
    _check_counts(calls, count, f"{count} arguments" + (f" ({listed(names)}) or one of JSON" if names else ""))
    if not names:
        return _vectors(schema, style, calls, lambda loc: ("calls", *loc[1:]))
    columns = zip(*calls, strict=True) if calls else [()] * count
    values = [_without_nan(list(column), feature) for column, feature in zip(columns, schema.features, strict=True)]

    def place(loc: Place) -> Place:
        name, *rest = loc
        return ("calls", *rest, names.index(str(name)), name)

    # Numbers may be text: so BigQuery writes those that JSON can't hold.
    table = convert(dict(zip(names, values, strict=True)), schema.Table, place, strict=False)
    return Query(len(calls), schema.arrays(table), style=style)


def _without_nan(values: list[Any], feature: Feature) -> list[Any]:
    """Take NaN, which is text in JSON, for what is missing."""
    if feature.type not in NUMERIC or NAN not in values:
        return values
    return [None if value == NAN else value for value in values]


def _read_objects(schema: Schema, style: Style, calls: list[Call]) -> Query:
    """Read calls of one JSON object, which holds the row."""
    _check_counts(calls, 1, ONE_OF_JSON)
    numeric = {feature.name for feature in schema.features if feature.type in NUMERIC}
    objects = [_without_nans(call[0], numeric) for call in calls]
    rows = convert({"rows": objects}, schema.Rows, _in_json, strict=False).rows
    return Query(len(rows), schema.columns(rows), style=style)


def _read_vectors(schema: Schema, style: Style, calls: list[Call]) -> Query:
    """Read calls of one JSON array, which is the encoded vector."""
    _check_counts(calls, 1, ONE_OF_JSON)
    return _vectors(schema, style, [call[0] for call in calls], _in_json)


def _vectors(schema: Schema, style: Style, vectors: list[Any], place: Callable[[Place], Place]) -> Query:
    rows = convert({"rows": vectors}, schema.Vectors, place, strict=False).rows
    return Query(len(rows), vectors=rows, style=style)


def _without_nans(value: Any, numeric: set[str]) -> Any:
    """Do the same in an object."""
    if not isinstance(value, dict) or NAN not in value.values():
        return value
    return {name: None if item == NAN and name in numeric else item for name, item in value.items()}


def _in_json(loc: Place) -> Place:
    return ("calls", *loc[1:2], 0, *loc[2:])


def _check_counts(calls: list[Call], count: int, expected: str) -> None:
    for row, call in enumerate(calls):
        if len(call) != count:
            raise BadInput(Fault(("calls", row), "length", f"expected {expected}"))
