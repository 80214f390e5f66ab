"""Inference requests and responses: each feature is one input of shape [n] or [n, 1], or one matrix holds all.

The tensors are in the JSON, or follow it as bytes.
"""

from functools import partial
from typing import Annotated, Any
from uuid import uuid4

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from function.errors import BadInput, Fault, Problem
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.decoding import decode as decode_json
from function.protocols.open_inference import HEADER, MEDIA_TYPE, Datatype, binary
from function.protocols.open_inference.metadata import LABELS, PROBABILITIES, SCORES, describe_model, outputs_of
from function.protocols.open_inference.structs import BinarySize, Input, Tensor
from function.protocols.open_inference.tensors import is_matrix, read_columns, read_matrix

SMALL_BINARY_BYTES = 2048
"""A body up to this size has about a thousand values at most, since one may be a byte."""


class BinaryOutput(Struct, frozen=True):
    """Of the parameters of a requested output, whether it follows the JSON; unset, the request's parameters decide."""

    binary_data: bool | UnsetType = UNSET


class BinaryOutputs(Struct, frozen=True):
    """Of the parameters of a request, whether the outputs follow the JSON."""

    binary_data_output: bool = False


class RequestedOutput(Struct, frozen=True):
    """An output tensor that the response must have."""

    name: str
    parameters: BinaryOutput | None = None


class InferRequest(Struct, frozen=True):
    """The body of an inference request; other parameters are ignored."""

    inputs: Annotated[list[Tensor], Meta(min_length=1)]
    id: str | None = None
    parameters: BinaryOutputs | None = None
    outputs: list[RequestedOutput] | None = None


class ResponseOutput(Struct, frozen=True):
    """An output tensor: `data` is flat, row by row, unless the tensor follows the JSON."""

    name: str
    shape: tuple[Annotated[int, Meta(ge=0)], ...]
    datatype: Datatype
    data: list[Any] | UnsetType = UNSET
    parameters: BinarySize | UnsetType = UNSET


class InferResponse(Struct, frozen=True, forbid_unknown_fields=True):
    """The predictions, and the model that made them."""

    model_name: str
    model_version: str
    id: str
    outputs: list[ResponseOutput]


class OpenInferenceError(Struct, frozen=True):
    """An error message (Open Inference Protocol)."""

    error: str


class ResponseOptions(Struct, frozen=True):
    """What the encoder needs from the request."""

    id: str
    outputs: list[tuple[str, bool]]
    """The names of the outputs, and whether each follows the JSON."""
    place: Place


REQUESTS = msgspec.json.Decoder(InferRequest)


def decode(body: bytes, model: LoadedModel) -> Query:
    """Decode the body of a request that is JSON.

    Raises:
        BadInput: an input is invalid; the message has the input and the row.
    """
    try:
        request = decode_json(REQUESTS, body)
    except BadInput as error:
        if error.faults[0].type == "json_invalid" and b'"binary_data_size"' in body:
            raise BadInput(binary.NO_HEADER) from None
        raise
    return _query(request, None, model)


def decode_binary(header: bytes, body: bytes, model: LoadedModel) -> Query:
    """Decode the body of a request whose JSON is as long as the header says, and followed by tensors.

    Raises:
        BadInput: the header or an input is invalid; the message has the input and the row.
    """
    length = binary.length_of_json(header, body)
    if not length:
        return _query_of([_raw_input(body, model)], "", [(name, True) for name in outputs_of(model)], model)
    try:
        request = decode_json(REQUESTS, body[:length])
    except BadInput as error:
        if error.faults[0].type == "json_invalid":
            raise BadInput(binary.NOT_JSON) from None
        raise
    return _query(request, body[length:], model)


def _query(request: InferRequest, rest: bytes | None, model: LoadedModel) -> Query:
    outputs = _requested(request, outputs_of(model))
    return _query_of(binary.read_inputs(request.inputs, rest), request.id, outputs, model)


def _query_of(
    inputs: list[Input], request_id: str | None, outputs: list[tuple[str, bool]], model: LoadedModel
) -> Query:
    request_id, schema = request_id or str(uuid4()), model.schema
    if is_matrix(inputs, schema):
        columns, vectors = read_matrix(inputs[0], schema)
        options = ResponseOptions(request_id, outputs, ("inputs", 0))
        return Query(len(vectors) if columns is None else len(columns[0]), columns, vectors, options=options)
    columns = read_columns(inputs, schema)
    return Query(len(columns[0]), columns, options=ResponseOptions(request_id, outputs, ("inputs", "*")))


def _raw_input(body: bytes, model: LoadedModel) -> Input:
    """Return the tensor that is a whole body: as the metadata describe it, or a single text.

    Raises:
        BadInput: the model has several inputs, or the size is not that of whole rows.
    """
    only, *others = describe_model(model).inputs
    if others:
        raise BadInput(
            Fault((), "header", f"A body without JSON needs a model with one input; this has {1 + len(others)}.")
        )
    width = only.shape[-1]
    if only.datatype == "BYTES":
        return Input(only.name, [1, width], only.datatype, binary.one_text(body))
    shape = binary.shape_of(body, width, only.datatype)
    return Input(only.name, shape, only.datatype, binary.read_values(body, shape, only.datatype, ("inputs", 0)))


def place(query: Query, row: int) -> Place:
    """Return the place of a row in the body: in every input, or in the matrix."""
    return (*query.options.place, row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode the requested outputs, flat, row by row; those asked for as bytes follow the JSON."""
    options: ResponseOptions = query.options
    datatypes = outputs_of(model)
    arrays = {LABELS: outputs.labels, PROBABILITIES: outputs.probabilities, SCORES: outputs.scores}
    tensors, parts = [], []
    for name, follows in options.outputs:
        if (values := arrays[name]) is None:
            continue
        if follows:
            parts.append(binary.write_values(values, datatypes[name]))
            size = BinarySize(len(parts[-1]))
            tensors.append(ResponseOutput(name, values.shape, datatypes[name], parameters=size))
        else:
            tensors.append(ResponseOutput(name, values.shape, datatypes[name], values.reshape(-1).tolist()))
    head = msgspec.json.encode(InferResponse(model.manifest.name, model.version, options.id, tensors))
    if not parts:
        return Encoded(head)
    return Encoded(b"".join([head, *parts]), MEDIA_TYPE, {HEADER: str(len(head))})


CODEC = Codec(decode, place, encode)


def binary_codec(header: bytes) -> Codec:
    """Return the codec of a request that has the header with the length of its JSON."""
    return Codec(partial(decode_binary, header), place, encode, SMALL_BINARY_BYTES)


def encode_problem(problem: Problem) -> bytes:
    """Encode an error as the body of a response."""
    return msgspec.json.encode(OpenInferenceError(str(problem)))


def _requested(request: InferRequest, known: dict[str, Datatype]) -> list[tuple[str, bool]]:
    """Return the names of the requested outputs, or of all, and whether each follows the JSON."""
    default = request.parameters is not None and request.parameters.binary_data_output
    if not request.outputs:
        return [(name, default) for name in known]
    for i, output in enumerate(request.outputs):
        if output.name not in known:
            raise BadInput(Fault(("outputs", i, "name"), "enum", f"expected one of {', '.join(known)}"))
    return [(output.name, is_binary(output, default=default)) for output in request.outputs]


def is_binary(output: RequestedOutput, *, default: bool) -> bool:
    """Return whether a requested output follows the JSON: as its parameters say, or else as the request's do."""
    chosen = output.parameters.binary_data if output.parameters else UNSET
    return default if isinstance(chosen, UnsetType) else chosen
