"""JSON as Google writes it: what was sent, as it comes back."""

from collections.abc import Mapping
from typing import Any

from tests.local_cloud.discovery.methods import method_of
from tests.local_cloud.discovery.values import Schemas

TEXT = {"int64", "uint64"}


def canonical(verb: str, path: str, body: dict[str, Any], *, merges: bool) -> dict[str, Any]:
    """Return the body of a call with 64-bit integers as text, and without fields that are null.

    In a body that `merges` with a resource, null removes a field: it stays, outside of lists.
    """
    method = method_of(verb, path)
    if method is None or not method.request:
        return body
    written: dict[str, Any] = _written(method.schemas, {"$ref": method.request}, body, keeps_null=merges)
    return written


def _written(schemas: Schemas, schema: Mapping[str, Any], value: Any, *, keeps_null: bool) -> Any:
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    if isinstance(value, Mapping):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        return {
            key: _written(schemas, properties.get(key, others), each, keeps_null=keeps_null)
            for key, each in value.items()
            if each is not None or keeps_null
        }
    if isinstance(value, list):
        return [_written(schemas, schema.get("items", {}), each, keeps_null=False) for each in value]
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole and schema.get("format") in TEXT else value
