"""Open Inference Protocol (V2): named tensors; https://github.com/open-inference/open-inference-protocol.

Either each feature is one input of shape [n] or [n, 1], or the encoded vectors are one matrix.
"""

from typing import Annotated, Any
from uuid import uuid4

import msgspec
from msgspec import Meta, Struct

import function
from function.errors import BadInput, Fault, Problem
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.decoding import decode as decode_json
from function.protocols.tensors import Datatype, Tensor, is_matrix, read_columns, read_matrix

LABELS, PROBABILITIES, SCORES = "predict", "predict_proba", "score"
NO_BINARY = Fault(
    (), "binary", "Binary tensors are not supported. Send tensors as JSON: binary_data=False in tritonclient."
)
INPUT_DATATYPES: dict[str, Datatype] = {
    "string": "BYTES",
    "integer": "INT64",
    "number": "FP64",
    "boolean": "BOOL",
    "any": "FP64",
}
OUTPUT_DATATYPES: dict[type, Datatype] = {str: "BYTES", bool: "BOOL", int: "INT64", float: "FP64"}


class RequestedOutput(Struct, frozen=True):
    """An output tensor that the response must have."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(Struct, frozen=True):
    """The body of an inference request; `parameters` are ignored."""

    inputs: Annotated[list[Tensor], Meta(min_length=1)]
    id: str | None = None
    parameters: dict[str, Any] | None = None
    outputs: list[RequestedOutput] | None = None


class ResponseOutput(Struct, frozen=True):
    """An output tensor: `data` is flat, row by row."""

    name: str
    shape: tuple[Annotated[int, Meta(ge=0)], ...]
    datatype: Datatype
    data: list[Any]


class InferResponse(Struct, frozen=True, forbid_unknown_fields=True):
    """The predictions, and the model that made them."""

    model_name: str
    model_version: str
    id: str
    outputs: list[ResponseOutput]


class OpenInferenceError(Struct, frozen=True):
    """An error message (Open Inference Protocol)."""

    error: str


class ServerMetadata(Struct, frozen=True):
    """The server and the extensions of the protocol that it supports."""

    name: str
    version: str
    extensions: list[str]


class ServerLive(Struct, frozen=True):
    """Whether the server is live."""

    live: bool


class ServerReady(Struct, frozen=True):
    """Whether the server is ready to predict."""

    ready: bool


class ModelReady(Struct, frozen=True):
    """Whether a model is ready to predict."""

    name: str
    ready: bool


class TensorMetadata(Struct, frozen=True):
    """The name, datatype and shape of an input or output; -1 is a dimension of any size."""

    name: str
    datatype: Datatype
    shape: list[Annotated[int, Meta(ge=-1)]]


class ModelMetadata(Struct, frozen=True):
    """A model's versions, inputs and outputs."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ResponseOptions(Struct, frozen=True):
    """What the encoder needs from the request."""

    id: str
    outputs: list[str]
    place: Place


REQUESTS = msgspec.json.Decoder(InferRequest)


def decode(body: bytes, model: LoadedModel) -> Query:
    """Decode the body of a request.

    Raises:
        BadInput: an input is invalid; the message has the input and the row.
    """
    request, schema = decode_json(REQUESTS, body), model.schema
    outputs = _requested(request.outputs or (), outputs_of(model))
    request_id = request.id or str(uuid4())
    if is_matrix(request.inputs, schema):
        columns, vectors = read_matrix(request.inputs[0], schema)
        options = ResponseOptions(request_id, outputs, ("inputs", 0))
        return Query(len(vectors) if columns is None else len(columns[0]), columns, vectors, options=options)
    columns = read_columns(request.inputs, schema)
    return Query(len(columns[0]), columns, options=ResponseOptions(request_id, outputs, ("inputs", "*")))


def place(query: Query, row: int) -> Place:
    """Return the place of a row in the body: in every input, or in the matrix."""
    return (*query.options.place, row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode the requested outputs, flat, row by row."""
    options: ResponseOptions = query.options
    datatypes = outputs_of(model)
    arrays = {LABELS: outputs.labels, PROBABILITIES: outputs.probabilities, SCORES: outputs.scores}
    tensors = [
        ResponseOutput(name, values.shape, datatypes[name], values.reshape(-1).tolist())
        for name in options.outputs
        if (values := arrays[name]) is not None
    ]
    return Encoded(msgspec.json.encode(InferResponse(model.manifest.name, model.version, options.id, tensors)))


CODEC = Codec(decode, place, encode)


def encode_problem(problem: Problem) -> bytes:
    """Encode an error as the body of a response."""
    return msgspec.json.encode(OpenInferenceError(str(problem)))


def describe_server() -> ServerMetadata:
    """Describe the server, which supports no extensions (Open Inference Protocol)."""
    return ServerMetadata("taxiway", function.__version__, [])


def describe_liveness() -> ServerLive:
    """Report that the process is live; never reads the bucket (Open Inference Protocol)."""
    return ServerLive(live=True)


def describe_server_readiness(model: LoadedModel) -> ServerReady:
    """Report that a model is live; 503 while none is (Open Inference Protocol)."""
    return ServerReady(ready=True)


def describe_readiness(model: LoadedModel) -> ModelReady:
    """Report that the model is ready; 503 while it is not (Open Inference Protocol)."""
    return ModelReady(model.manifest.name, ready=True)


def describe_model(model: LoadedModel) -> ModelMetadata:
    """Describe the model's inputs and outputs (Open Inference Protocol)."""
    manifest, schema = model.manifest, model.schema
    columns = [TensorMetadata(feature.name, INPUT_DATATYPES[feature.type], [-1, 1]) for feature in schema.features]
    matrix = TensorMetadata("vectors", "FP64", [-1, schema.width])
    several = [len(manifest.predicted_outputs)] if manifest.predicted_outputs else []
    shapes = {LABELS: [-1, *several], PROBABILITIES: [-1, len(manifest.classes or ())], SCORES: [-1]}
    outputs = [TensorMetadata(name, datatype, shapes[name]) for name, datatype in outputs_of(model).items()]
    return ModelMetadata(manifest.name, [model.version], f"taxiway_{model.engine.name}", columns or [matrix], outputs)


def outputs_of(model: LoadedModel) -> dict[str, Datatype]:
    """Return the datatypes of the outputs that a model has, by their names."""
    several = model.manifest.predicted_outputs
    classes = several[0].classes if several else model.manifest.classes
    outputs: dict[str, Datatype] = {LABELS: OUTPUT_DATATYPES[type(classes[0])] if classes else "FP64"}
    if model.has_probabilities:
        outputs[PROBABILITIES] = "FP64"
    if model.has_scores:
        outputs[SCORES] = "FP64"
    return outputs


def _requested(requested: "list[RequestedOutput] | tuple[()]", known: dict[str, Datatype]) -> list[str]:
    names = [output.name for output in requested] or list(known)
    for i, name in enumerate(names):
        if name not in known:
            raise BadInput(Fault(("outputs", i, "name"), "enum", f"expected one of {', '.join(known)}"))
    return names
