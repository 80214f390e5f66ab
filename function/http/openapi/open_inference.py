"""Operations of the Open Inference Protocol."""

from collections.abc import Mapping
from typing import Any

from function.http.openapi.json_schema import BYTES, Json, one_of_values
from function.http.openapi.model_schemas import ModelSchemas
from function.http.openapi.operation import Describe, Operation, fixed
from function.protocols.open_inference import HEADER, MEDIA_TYPE, inference, metadata

BINARY: Json = {
    **BYTES,
    "description": "The JSON, and behind it the tensors that have `parameters.binary_data_size`: little-endian values"
    " row by row; a text is its length in four bytes and its bytes. Without JSON, the only input of the model.",
}
LENGTH: Json = {
    "description": "The length of the JSON in bytes, if tensors follow it; 0 if there is none.",
    "schema": {"type": "integer", "minimum": 0},
}


def infer(schemas: ModelSchemas) -> Operation:
    """Describe an inference request; a schema can't express that data must match its shape."""
    body = schemas.add(inference.InferRequest)
    if schemas.model:
        outputs = one_of_values(metadata.outputs_of(schemas.model))
        schemas.add(inference.RequestedOutput, {"name": outputs})
    return Operation(
        schemas.add(inference.InferResponse),
        body,
        _examples(schemas),
        contents={MEDIA_TYPE: BINARY},
        headers={HEADER: LENGTH},
    )


def _examples(schemas: ModelSchemas) -> dict[str, Any]:
    model, row, vector = schemas.model, schemas.example_row(), schemas.example_matrix()
    examples: dict[str, Any] = {}
    if model and row:
        tensors = [
            {"name": each.name, "datatype": each.datatype, "shape": [1, 1], "data": [row[each.name]]}
            for each in metadata.describe_model(model).inputs
        ]
        examples["columns"] = {"inputs": tensors}
    if model and vector:
        matrix = {"name": "vectors", "datatype": "FP64", "shape": [1, len(vector)], "data": vector}
        examples["matrix"] = {"inputs": [matrix]}
    return examples


OPERATIONS: Mapping[str, Describe] = {
    "GET /v2": fixed(metadata.ServerMetadata, needs_model=False),
    "GET /v2/": fixed(metadata.ServerMetadata, needs_model=False),
    "GET /v2/health/live": fixed(metadata.ServerLive, needs_model=False),
    "GET /v2/health/ready": fixed(metadata.ServerReady),
    **{
        f"{verb} {path}{more}": describe
        for path in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}")
        for verb, more, describe in (
            ("GET", "", fixed(metadata.ModelMetadata)),
            ("GET", "/ready", fixed(metadata.ModelReady)),
            ("POST", "/infer", infer),
        )
    },
}
