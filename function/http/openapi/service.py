"""Operations that describe the service and its live model."""

from collections.abc import Mapping

from function.http.descriptions import Discovery, Health, ModelDescription
from function.http.openapi.json_schema import ANYTHING
from function.http.openapi.operation import Describe, Operation, fixed
from function.inference.codec import JSON_TYPE

HTML = "text/html"
OPERATIONS: Mapping[str, Describe] = {
    "GET /": fixed(Discovery, (JSON_TYPE, HTML), needs_model=False),
    "GET /health": fixed(Health, needs_model=False),
    "GET /model": fixed(ModelDescription, needs_model=False),
    "GET /openapi.json": lambda schemas: Operation(ANYTHING, needs_model=False),
    "GET /docs": lambda schemas: Operation(ANYTHING, media_types=(HTML,), needs_model=False),
    "GET /metrics": lambda schemas: Operation(ANYTHING, media_types=("text/plain",), needs_model=False),
    "GET /report": lambda schemas: Operation(ANYTHING, media_types=(HTML,)),
}
