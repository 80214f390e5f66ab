"""JSON compared with a schema of a discovery document.

The formats are those of https://developers.google.com/discovery/v1/type-format and of JSON for protocol buffers
(https://protobuf.dev/programming-guides/json): a 64-bit integer is text, and may be a number in what is sent to Google.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schemas = Mapping[str, Mapping[str, Any]]
Fault = tuple[str, str]
"""A place, such as `.metadata.name`, and what is wrong there."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def faults(schemas: Schemas, schema: Mapping[str, Any], value: Any, *, sent: bool, place: str = "") -> Iterator[Fault]:
    """Yield where a value is not what a schema says; `sent` tells a request from a response."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kind = schema.get("type", "object")
    if kind == "any":
        return
    if value is None and sent:
        return  # absent, as JSON for protocol buffers has it
    if not _TYPES[kind](value) and not (sent and _number_for_text(schema, value)):
        yield place, f"{type(value).__name__} is no {kind}"
    elif kind == "object":
        yield from _of_object(schemas, schema, value, place, sent=sent)
    elif kind == "array":
        for index, each in enumerate(value):
            yield from faults(schemas, schema["items"], each, sent=sent, place=f"{place}[{index}]")
    else:
        yield from _of_scalar(schema, value, place)


def _of_object(schemas: Schemas, schema: Mapping[str, Any], value: Any, place: str, *, sent: bool) -> Iterator[Fault]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    for key, each in value.items():
        inner = properties.get(key, others)
        if inner is None:
            yield f"{place}.{key}", "no such field"
        else:
            yield from faults(schemas, inner, each, sent=sent, place=f"{place}.{key}")


def _of_scalar(schema: Mapping[str, Any], value: Any, place: str) -> Iterator[Fault]:
    if "enum" in schema and value not in schema["enum"]:
        yield place, f"{value!r} is none of {', '.join(schema['enum'])}"
    check = _FORMATS.get(schema.get("format", ""))
    if check and not check(str(value)):
        yield place, f"{value!r} is no {schema['format']}"


def _number_for_text(schema: Mapping[str, Any], value: Any) -> bool:
    return schema.get("format") in {"int64", "uint64"} and isinstance(value, int) and not isinstance(value, bool)


def _integer(bits: int, *, signed: bool) -> Callable[[str], bool]:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    return lambda text: bool(re.fullmatch(r"-?\d+", text)) and low <= int(text) < high


def _base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        return False
    return True


_TYPES: dict[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "string": lambda value: isinstance(value, str),
}
_FORMATS: dict[str, Callable[[str], bool]] = {
    "int32": _integer(32, signed=True),
    "uint32": _integer(32, signed=False),
    "int64": _integer(64, signed=True),
    "uint64": _integer(64, signed=False),
    "byte": _base64,
    "date": lambda text: bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)),
    "date-time": lambda text: bool(_TIME.fullmatch(text)),
    "google-datetime": lambda text: bool(_TIME.fullmatch(text)),
    "google-duration": lambda text: bool(re.fullmatch(r"-?\d+(\.\d{1,9})?s", text)),
    "google-fieldmask": lambda text: bool(re.fullmatch(r"[\w.,*`/-]*", text)),
}
