"""Open Inference Protocol (V2): named tensors; https://github.com/open-inference/open-inference-protocol.

A row's columns are an input each, of shape [n] or [n, 1]; or its encoded vectors are one matrix.
"""

from typing import Annotated, Any
from uuid import uuid4

import msgspec
from msgspec import Meta, Struct

import function
from function.errors import BadInput, Fault, Problem
from function.inference.query import Query
from function.model.conversion import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.decoding import decode as decode_json
from function.protocols.tensors import Tensor, is_matrix, read_columns, read_matrix

LABELS, PROBABILITIES = "predict", "predict_proba"
NO_BINARY = Fault((), "binary", "Tensors are JSON here, not binary: use binary_data=False (in tritonclient).")
OFFERED = {"string": "BYTES", "integer": "INT64", "number": "FP64", "boolean": "BOOL", "any": "FP64"}
DATATYPES = {str: "BYTES", bool: "BOOL", int: "INT64", float: "FP64"}


class Requested(Struct, frozen=True):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] | None = None


class Request(Struct, frozen=True):
    """The body of an inference; parameters are no business of a model of rows."""

    inputs: Annotated[list[Tensor], Meta(min_length=1)]
    id: str | None = None
    parameters: dict[str, Any] | None = None
    outputs: list[Requested] | None = None


class Style(Struct, frozen=True):
    """What the encoder needs to know of the body."""

    id: str
    outputs: list[str]
    place: Place


REQUESTS = msgspec.json.Decoder(Request)


def decode(body: bytes, model: LoadedModel) -> Query:
    """Read a body.

    Raises:
        BadInput: naming the input and the row.
    """
    request, schema = decode_json(REQUESTS, body), model.schema
    outputs = _asked(request.outputs or (), outputs_of(model))
    request_id = request.id or str(uuid4())
    if is_matrix(request.inputs, schema):
        vectors = read_matrix(request.inputs[0], schema)
        return Query(len(vectors), vectors=vectors, style=Style(request_id, outputs, ("inputs", 0)))
    columns = read_columns(request.inputs, schema)
    return Query(len(columns[0]), columns, style=Style(request_id, outputs, ("inputs", "*")))


def place(query: Query, row: int) -> Place:
    """Say where in the body a row is: in every input, or in the matrix."""
    return (*query.style.place, row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> bytes:
    """Write the outputs that were asked for, flat, row by row."""
    style: Style = query.style
    datatypes, arrays = outputs_of(model), {LABELS: outputs.labels, PROBABILITIES: outputs.probabilities}
    tensors = [
        {"name": name, "shape": values.shape, "datatype": datatypes[name], "data": values.reshape(-1).tolist()}
        for name in style.outputs
        if (values := arrays[name]) is not None
    ]
    identity = {"model_name": model.manifest.name, "model_version": model.version, "id": style.id}
    return msgspec.json.encode({**identity, "outputs": tensors})


def encode_problem(problem: Problem) -> bytes:
    """Write `{"error": sentence}`."""
    return msgspec.json.encode({"error": str(problem)})


def describe_server() -> dict[str, Any]:
    """Open Inference Protocol: what serves, and no extensions."""
    return {"name": "taxiway", "version": function.__version__, "extensions": []}


def describe_liveness() -> dict[str, Any]:
    """Open Inference Protocol: the process answers; the bucket is never touched."""
    return {"live": True}


def describe_server_readiness(model: LoadedModel) -> dict[str, Any]:
    """Open Inference Protocol: a model is live; 503 when none can be."""
    return {"ready": True}


def describe_readiness(model: LoadedModel) -> dict[str, Any]:
    """Open Inference Protocol: the model is ready; 503 when it is not."""
    return {"name": model.manifest.name, "ready": True}


def describe_model(model: LoadedModel) -> dict[str, Any]:
    """Open Inference Protocol: the model's inputs and outputs."""
    schema, classes = model.schema, model.manifest.classes or ()
    columns = [{"name": f.name, "datatype": OFFERED[f.type], "shape": [-1, 1]} for f in schema.features]
    matrix = [{"name": "vectors", "datatype": "FP64", "shape": [-1, schema.width]}]
    return {
        "name": model.manifest.name,
        "versions": [model.version],
        "platform": f"taxiway_{model.engine.name}",
        "inputs": columns or matrix,
        "outputs": [
            {"name": name, "datatype": datatype, "shape": [-1] if name == LABELS else [-1, len(classes)]}
            for name, datatype in outputs_of(model).items()
        ],
    }


def outputs_of(model: LoadedModel) -> dict[str, str]:
    """Return the datatypes of the outputs that a model has, by their names."""
    classes = model.manifest.classes
    labels = {LABELS: DATATYPES[type(classes[0])] if classes else "FP64"}
    return {**labels, PROBABILITIES: "FP64"} if model.has_probabilities else labels


def _asked(requested: "list[Requested] | tuple[()]", known: dict[str, str]) -> list[str]:
    names = [output.name for output in requested] or list(known)
    for i, name in enumerate(names):
        if name not in known:
            raise BadInput(Fault(("outputs", i, "name"), "enum", f"expected one of {', '.join(known)}"))
    return names
