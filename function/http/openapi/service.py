"""The service's own routes."""

import msgspec

from function.http.openapi.json_schema import ANYTHING, TEXT, TRUTH, Json, array, mapping, obj, or_null
from function.http.openapi.model_schemas import REFERENCE, ModelSchemas
from function.http.openapi.operation import JSON_TYPE, Operation
from function.model.manifest import Feature

HTML = "text/html"
TIME: Json = {"type": "string", "format": "date-time"}
INTEGER: Json = {"type": "integer"}
IDENTITY = {"name": or_null(TEXT), "version": or_null(TEXT), "generation": or_null(INTEGER)}
ROUTE = obj({"path": TEXT, "method": TEXT, "about": TEXT})


def health(schemas: ModelSchemas) -> Operation:
    """Describe the sign of life."""
    return Operation(obj({"status": {"const": "OK"}, "model": obj(IDENTITY)}), needs_model=False)


def model(schemas: ModelSchemas) -> Operation:
    """Describe what the live model says of itself."""
    (feature,), components = msgspec.json.schema_components([Feature], ref_template=REFERENCE)
    schemas.components.update(components)
    about = {
        "created": or_null(TIME),
        "task": or_null(TEXT),
        "classes": or_null(array(ANYTHING)),
        "wording": or_null({"type": "object"}),
        "outputs": array(TEXT),
        "report": TRUTH,
        "unavailable": or_null(TEXT),
        "sha256": or_null(TEXT),
        "engine": or_null(TEXT),
        "features": or_null(array(feature)),
        "metrics": or_null(mapping({"type": "number"})),
        "loaded_at": or_null(TIME),
        "warnings": array(TEXT),
        "refused": or_null(obj({"generation": or_null(INTEGER), "reason": TEXT})),
        "unreachable": or_null(obj({"reason": TEXT, "since": TEXT})),
    }
    return Operation(obj({**IDENTITY, **about}), needs_model=False)


def discover(schemas: ModelSchemas) -> Operation:
    """Describe the list of routes, which a browser gets as a page."""
    answer = obj({"service": TEXT, "status": {"const": "alive"}, "routes": array(ROUTE)})
    return Operation(answer, media=(JSON_TYPE, HTML), needs_model=False)


OPERATIONS = {
    "GET /": discover,
    "GET /health": health,
    "GET /model": model,
    "GET /openapi.json": lambda schemas: Operation(ANYTHING, needs_model=False),
    "GET /docs": lambda schemas: Operation(ANYTHING, media=(HTML,), needs_model=False),
    "GET /report": lambda schemas: Operation(ANYTHING, media=(HTML,)),
}
