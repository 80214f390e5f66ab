"""Build JSON Schemas, version 2020-12, which OpenAPI 3.1 uses; https://json-schema.org."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
BYTES: Json = {"type": "string", "format": "binary"}
PROBABILITY: Json = {"type": "number", "minimum": 0, "maximum": 1}
ANYTHING: Json = {}
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&])")


def obj(properties: Mapping[str, Json], optional: Iterable[str] = (), *, closed: bool = False) -> Json:
    """Describe an object; properties are required unless optional, and a closed object has no others."""
    required = [name for name in properties if name not in set(optional)]
    closing: Json = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": dict(properties), "required": required, **closing}


def mapping(values: Json) -> Json:
    """Describe an object with any property names, whose values match a schema."""
    return {"type": "object", "additionalProperties": values}


def array(items: Json, most: int | None = None) -> Json:
    """Describe an array, of at most `most` items if that is given."""
    return {"type": "array", "items": items, **({} if most is None else {"maxItems": most})}


def any_of(*schemas: Json) -> Json:
    """Describe a value that matches at least one of some schemas."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def or_null(schema: Json) -> Json:
    """Describe a value that matches a schema or is null."""
    return any_of(schema, {"type": "null"})


def one_of_values(values: Iterable[Any]) -> Json:
    """Describe a value that is one of a list."""
    return {"enum": list(values)}


def plain(text: str) -> str:
    """Escape text for CommonMark, the format of descriptions in OpenAPI."""
    return SPECIAL.sub(r"\\\1", text)


def fixed_array(items: list[Json]) -> Json:
    """Return the schema of an array of exactly these items."""
    return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items), "maxItems": len(items)}
