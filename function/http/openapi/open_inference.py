"""The Open Inference Protocol."""

from typing import Any

import msgspec

from function.http.openapi.json_schema import TEXT, TRUTH, Json, array, obj, one_of_values
from function.http.openapi.model_schemas import REFERENCE, ModelSchemas
from function.http.openapi.operation import Operation
from function.protocols import open_inference
from function.protocols.tensors import ALL

ERROR = obj({"error": TEXT})
SIZE: Json = {"type": "integer", "minimum": 0}
DATATYPE = one_of_values(ALL)
DESCRIBED = obj({"name": TEXT, "datatype": DATATYPE, "shape": array({"type": "integer", "minimum": -1})})
ANSWERED = obj({"name": TEXT, "datatype": DATATYPE, "shape": array(SIZE), "data": array({})})
SERVER = obj({"name": TEXT, "version": TEXT, "extensions": array(TEXT)})
MODEL = obj(
    {"name": TEXT, "versions": array(TEXT), "platform": TEXT, "inputs": array(DESCRIBED), "outputs": array(DESCRIBED)}
)
MODEL_READY = obj({"name": TEXT, "ready": TRUTH})


def infer(schemas: ModelSchemas) -> Operation:
    """Describe an inference; that data fits its shape is more than a schema can say."""
    (body,), components = msgspec.json.schema_components([open_inference.Request], ref_template=REFERENCE)
    schemas.components.update(components)
    if schemas.model:
        components["Requested"]["properties"]["name"] = one_of_values(open_inference.outputs_of(schemas.model))
    answer = obj({"model_name": TEXT, "model_version": TEXT, "id": TEXT, "outputs": array(ANSWERED)}, closed=True)
    return Operation(answer, body, _examples(schemas))


def _examples(schemas: ModelSchemas) -> dict[str, Any]:
    model, row, vector = schemas.model, schemas.example_row(), schemas.example_vector()
    examples: dict[str, Any] = {}
    if model and row:
        tensors = [
            {"name": each["name"], "datatype": each["datatype"], "shape": [1, 1], "data": [row[each["name"]]]}
            for each in open_inference.describe_model(model)["inputs"]
        ]
        examples["columns"] = {"inputs": tensors}
    if model and vector:
        matrix = {"name": "vectors", "datatype": "FP64", "shape": [1, len(vector)], "data": vector}
        examples["matrix"] = {"inputs": [matrix]}
    return examples


def _telling(answer: Json, *, needs_model: bool = True) -> Any:
    return lambda schemas: Operation(answer, needs_model=needs_model)


OPERATIONS = {
    "GET /v2": _telling(SERVER, needs_model=False),
    "GET /v2/": _telling(SERVER, needs_model=False),
    "GET /v2/health/live": _telling(obj({"live": TRUTH}), needs_model=False),
    "GET /v2/health/ready": _telling(obj({"ready": TRUTH})),
    **{
        f"{verb} {path}{more}": describe
        for path in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}")
        for verb, more, describe in (
            ("GET", "", _telling(MODEL)),
            ("GET", "/ready", _telling(MODEL_READY)),
            ("POST", "/infer", infer),
        )
    },
}
