"""What the server and the model say of themselves: liveness, readiness, inputs and outputs."""

from typing import Annotated

from msgspec import Meta, Struct

import function
from function.model.loaded import LoadedModel
from function.protocols.open_inference import EXTENSION, Datatype

LABELS, PROBABILITIES, SCORES = "predict", "predict_proba", "score"
INPUT_DATATYPES: dict[str, Datatype] = {
    "string": "BYTES",
    "integer": "INT64",
    "number": "FP64",
    "boolean": "BOOL",
    "any": "FP64",
}
OUTPUT_DATATYPES: dict[type, Datatype] = {str: "BYTES", bool: "BOOL", int: "INT64", float: "FP64"}


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


def describe_server() -> ServerMetadata:
    """Describe the server and the extensions that it supports (Open Inference Protocol)."""
    return ServerMetadata("taxiway", function.__version__, [EXTENSION])


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
