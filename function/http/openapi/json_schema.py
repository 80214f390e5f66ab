"""Building blocks of JSON Schema 2020-12, which is what OpenAPI 3.1 speaks; https://json-schema.org."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
PROBABILITY: Json = {"type": "number", "minimum": 0, "maximum": 1}
ANYTHING: Json = {}
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&])")


def obj(properties: Mapping[str, Json], optional: Iterable[str] = (), *, closed: bool = False) -> Json:
    """Describe an object; what is not optional is required, and a closed one has no other properties."""
    required = [name for name in properties if name not in set(optional)]
    closing: Json = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": dict(properties), "required": required, **closing}


def mapping(values: Json) -> Json:
    """Describe an object whose names are not known beforehand."""
    return {"type": "object", "additionalProperties": values}


def array(items: Json, most: int | None = None) -> Json:
    """Describe an array, of `most` items where that is given."""
    return {"type": "array", "items": items, **({} if most is None else {"maxItems": most})}


def any_of(*schemas: Json) -> Json:
    """Describe what is one of several things, at least."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def or_null(schema: Json) -> Json:
    """Describe what may be missing."""
    return any_of(schema, {"type": "null"})


def one_of_values(values: Iterable[Any]) -> Json:
    """Describe a value out of a list."""
    return {"enum": list(values)}


def plain(text: str) -> str:
    """Write text so that CommonMark, which descriptions are in, shows it as it is."""
    return SPECIAL.sub(r"\\\1", text)
