"""MLflow's scoring server, which SageMaker calls too; https://mlflow.org/docs/latest/ml/deployment/."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.errors import BadInput, Fault, NotFound, Overloaded, Problem, TimedOut, TooLarge, Unavailable
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.checks import Locate
from function.model.faults import Place, fault_of, kind_of
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.model.schema import Schema
from function.protocols.columns import arrange, read_columns, read_records
from function.protocols.decoding import CONSTANT, MALFORMED
from function.protocols.decoding import decode as decode_json
from function.protocols.instances import read_rows
from function.protocols.predictions import DEFAULTS, Parameters, ResponseOptions, asking, place_of, values_of

KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
ONE_KEY = Fault((), "value", f"The body must have exactly one of {', '.join(KEYS)}.")
CODES: Mapping[type[Problem], str] = {
    BadInput: "INVALID_PARAMETER_VALUE",
    NotFound: "RESOURCE_DOES_NOT_EXIST",
    TooLarge: "REQUEST_LIMIT_EXCEEDED",
    Unavailable: "TEMPORARILY_UNAVAILABLE",
    Overloaded: "TEMPORARILY_UNAVAILABLE",
    TimedOut: "DEADLINE_EXCEEDED",
    Problem: "INTERNAL_ERROR",
}
"""MLflow's names of the failures; of the others, which are about the request as such, `BAD_REQUEST`."""


class DataframeSplit(Struct, frozen=True, forbid_unknown_fields=True):
    """A table as pandas writes it with `orient="split"`; `index` is ignored."""

    data: list[Any]
    columns: list[str | int] | UnsetType | None = UNSET
    index: list[Any] | UnsetType | None = UNSET


class InvocationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request: exactly one of the first four keys, and options."""

    dataframe_split: DataframeSplit | UnsetType = UNSET
    dataframe_records: Any = UNSET
    instances: Any = UNSET
    inputs: Any = UNSET
    params: Parameters | UnsetType | None = UNSET


class InvocationResponse(Struct, frozen=True, forbid_unknown_fields=True):
    """A prediction for each row, in order; of a model with several outputs, an object."""

    predictions: list[Any]


class MLflowError(Struct, frozen=True):
    """An error message (MLflow)."""

    error_code: str
    message: str


SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""Python reads half of a pair of surrogates, which is no text."""
REQUESTS = msgspec.json.Decoder(InvocationRequest)


def decode(body: bytes, model: LoadedModel, defaults: Parameters = DEFAULTS) -> Query:
    """Decode the body of a request; `defaults` are the parameters of a body without any.

    Raises:
        BadInput: the body is invalid; the faults have the row and the field.
    """
    request = _request(body)
    given = [key for key in KEYS if getattr(request, key) is not UNSET]
    if len(given) != 1:
        raise BadInput(ONE_KEY)
    (key,), parameters = given, request.params or defaults
    query = READERS[key](getattr(request, key), model.schema, parameters)
    place = ("dataframe_split", "data") if key == "dataframe_split" else (key,)
    return asking(query, ResponseOptions(parameters.output, place), model, ("params", "output"))


def _request(body: bytes) -> InvocationRequest:
    """Decode a body; a bare NaN, which MLflow's client writes for a missing number, is null."""
    try:
        return decode_json(REQUESTS, body)
    except BadInput:
        if not CONSTANT.search(body):
            raise
    if (content := _with_constants(body)) is None:
        raise BadInput(MALFORMED)
    try:
        return msgspec.convert(content, InvocationRequest)
    except msgspec.ValidationError as error:
        raise BadInput(fault_of(str(error), InvocationRequest)) from None


def _with_constants(body: bytes) -> Any:
    """Decode JSON with the constants that Python writes: NaN as null, Infinity as a number; None if it is no JSON."""
    try:
        content = json.loads(body, parse_constant=lambda word: None if word == "NaN" else float(word))
        if SURROGATE.search(body):
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return content


def _read_split(table: DataframeSplit, schema: Schema, parameters: Parameters) -> Query:
    place, skip, names = ("dataframe_split", "data"), parameters.on_error == "null", table.columns or None
    locate = _within(place)
    if not schema.names or names is None or list(names) == list(range(len(names))):
        return read_rows(table.data, schema, locate, parameters)
    columns = list(map(str, names))
    return read_records(columns, table.data, schema, locate, place=("dataframe_split", "columns"), skip=skip)


def _read_list(key: str, value: Any, schema: Schema, parameters: Parameters) -> Query:
    return read_rows(value, schema, _within((key,)), parameters)


def _read_inputs(value: Any, schema: Schema, parameters: Parameters) -> Query:
    """Read a list of values for each feature, or rows."""
    if not isinstance(value, dict) or not schema.names:
        return _read_list("inputs", value, schema, parameters)
    items = list(value.items())
    places = arrange(list(value), schema, ("inputs",))
    columns = [None if place is None else _column(*items[place]) for place in places]
    rows = {len(column) for column in columns if column is not None}
    if len(rows) != 1:
        raise BadInput(Fault(("inputs",), "length", "expected lists of the same length, one for each feature"))

    def locate(within: Place) -> Place:
        return ("inputs", within[1], within[0])

    return read_columns(columns, rows.pop(), schema, locate, skip=parameters.on_error == "null")


def _column(name: str, values: Any) -> list[Any]:
    """Return the values of a feature, of shape [n] or [n, 1]."""
    if not isinstance(values, list):
        raise BadInput(
            Fault(("inputs", name), "type", f"expected an array of values; {kind_of(values)} is not allowed")
        )
    if values and all(isinstance(each, list) and len(each) == 1 for each in values):
        return [each[0] for each in values]
    return values


def _within(place: Place) -> Locate:
    return lambda within: (*place, *within)


READERS: Mapping[str, Callable[[Any, Schema, Parameters], Query]] = {
    "dataframe_split": _read_split,
    "dataframe_records": partial(_read_list, "dataframe_records"),
    "instances": partial(_read_list, "instances"),
    "inputs": _read_inputs,
}


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode the predictions for the rows."""
    values = values_of(query, outputs, model)
    if several := model.manifest.predicted_outputs:
        names = [each.name for each in several]
        values = [None if value is None else dict(zip(names, value, strict=True)) for value in values]
    return Encoded(msgspec.json.encode(InvocationResponse(values)))


CODEC = Codec(decode, place_of, encode)


def codec(defaults: Parameters) -> Codec:
    """Return the codec of a request with parameters outside its body."""
    return CODEC if defaults is DEFAULTS else CODEC._replace(decode=partial(decode, defaults=defaults))


def encode_problem(problem: Problem) -> bytes:
    """Encode an error as the body of a response."""
    code = CODES.get(type(problem), "BAD_REQUEST")
    if isinstance(problem, BadInput) and problem.faults[0].type.endswith("_invalid"):  # Such as json_invalid.
        code = "BAD_REQUEST"
    return msgspec.json.encode(MLflowError(code, str(problem)))
