"""The rows protocol: `test_array` as in the original service, and `instances` as in KServe V1 and Vertex AI."""

from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.errors import BadInput, Problem
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.instances import SINGLE, read
from function.protocols.predictions import DEFAULTS, Parameters, ResponseOptions, asking, place_of, values_of


class Prediction(Struct, frozen=True, forbid_unknown_fields=True):
    """The prediction for `test_array`."""

    prediction: Any


class Predictions(Struct, frozen=True, forbid_unknown_fields=True):
    """A prediction for each instance, in order."""

    predictions: list[Any]


class ErrorDetail(Struct, frozen=True):
    """The place of a fault in the body, and what is allowed there."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


class RowsError(Struct, frozen=True):
    """An error message, with details if the body is invalid."""

    error: str
    detail: tuple[ErrorDetail, ...] | UnsetType = UNSET


def decode(body: bytes, model: LoadedModel, defaults: Parameters = DEFAULTS) -> Query:
    """Decode the body of a request; `defaults` are the parameters of a body without any.

    Raises:
        BadInput: the body is invalid; the faults have the row and the field.
    """
    key, parameters, query = read(body, model.schema, defaults)
    options = ResponseOptions(parameters.output, (key,), key == SINGLE)
    return asking(query, options, model, ("parameters", "output"))


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode the prediction for `test_array`, or the predictions for the instances."""
    values = values_of(query, outputs, model)
    single = query.options.single
    return Encoded(msgspec.json.encode(Prediction(values[0]) if single else Predictions(values)))


CODEC = Codec(decode, place_of, encode)


def codec(defaults: Parameters) -> Codec:
    """Return the codec of a request with parameters outside its body."""
    return CODEC if defaults is DEFAULTS else CODEC._replace(decode=partial(decode, defaults=defaults))


def encode_problem(problem: Problem) -> bytes:
    """Encode an error, with the `detail` of the original service if the body is invalid."""
    if not isinstance(problem, BadInput):
        return msgspec.json.encode(RowsError(str(problem)))
    detail = tuple(ErrorDetail(("body", *fault.loc), fault.msg, fault.type) for fault in problem.faults)
    return msgspec.json.encode(RowsError(str(problem), detail))
