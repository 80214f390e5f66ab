"""Describe why a body does not match a type: the place of the fault, and what is allowed there.

msgspec stops at the first fault and names its place (``... - at `$.instances[0].carrier` ``). Its message
may contain the caller's value, so only the place and the kind are used. The type itself describes what
is allowed at that place.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from function.errors import Fault
from function.model.dates import EXPECTED

Place = tuple[str | int, ...]

SHOWN_VALUES = 100
LONGEST_NAME = 64
KINDS = {
    "Object missing": "missing",
    "Object contains": "extra_forbidden",
    "Invalid enum": "enum",
    "Number out": "range",
    "Expected `array` of length": "length",
}
INDEX = re.compile(r"\[(\d{1,9})\]")
LISTS = (inspect.ListType, inspect.VarTupleType, inspect.CollectionType)
GOT = {
    "array": "an array",
    "object": "an object",
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
}
"""msgspec's names of the types of JSON."""
JSON_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    (list, "an array"),
    (dict, "an object"),
    (type(None), "null"),
)
PLAIN = {
    inspect.IntType: "an integer",
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
    inspect.DictType: "an object",
    inspect.AnyType: "any value",
}


def fault_of(message: str, expected: Any) -> Fault:
    """Turn msgspec's message about a value of a type into a fault."""
    sentence, found, path = message.rpartition(" - at `$")
    loc, node = _walk(path.removesuffix("`") if found else "", _type_info(expected))
    sentence = sentence if found else message
    kind = next((kind for start, kind in KINDS.items() if sentence.startswith(start)), "type")
    name = sentence.partition("`")[2].removesuffix("`")[:LONGEST_NAME]
    if kind == "missing":
        return Fault((*loc, name), kind, f"missing; expected {describe(_member(node, name) or node)}")
    if kind == "extra_forbidden":
        objects = [option for option in _alternatives(node) if isinstance(option, inspect.StructType)]
        return Fault((*loc, name), kind, f"unknown; expected {describe(objects[0] if objects else node)}")
    return Fault(loc, kind, f"expected {describe(node)}{_hint(sentence)}")


def _hint(sentence: str) -> str:
    """Return what is wrong with the type of a value."""
    got = GOT.get(sentence.rpartition(", got `")[2].removesuffix("`"))
    return f"; {got} is not allowed" if got else ""


def kind_of(value: Any) -> str:
    """Name the kind of a decoded JSON value."""
    return next((name for types, name in JSON_KINDS if isinstance(value, types)), "another value")


@lru_cache(maxsize=32)
def _type_info(expected: Any) -> inspect.Type:
    """Return msgspec's description of a type, which takes long to build for many features."""
    return inspect.type_info(expected)


def _walk(path: str, node: inspect.Type) -> tuple[Place, inspect.Type]:
    """Follow a path such as `.instances[0].carrier` through a type, as far as the type has it."""
    loc: list[str | int] = []
    while step := _step(path, node):
        place, node, path = step
        loc.append(place)
    return tuple(loc), node


def _step(path: str, node: inspect.Type) -> tuple[str | int, inspect.Type, str] | None:
    """Return the first place of a path, the type there, and the rest of the path."""
    for kind in _alternatives(node):
        if isinstance(kind, LISTS) and (index := INDEX.match(path)):
            return int(index[1]), kind.item_type, path[index.end() :]
        if isinstance(kind, inspect.StructType) and path.startswith("."):
            # A feature's name may contain dots and brackets, so the longest name that matches is the right one.
            fitting = (f for f in kind.fields if path[1:].startswith(f.encode_name))
            field = max(fitting, key=lambda f: len(f.encode_name), default=None)
            return (field.encode_name, field.type, path[1 + len(field.encode_name) :]) if field else None
    return None


def _alternatives(node: inspect.Type) -> tuple[inspect.Type, ...]:
    return node.types if isinstance(node, inspect.UnionType) else (node,)


def _member(node: inspect.Type, name: str) -> inspect.Type | None:
    step = _step(f".{name}", node)
    return step and step[1]


def describe(node: inspect.Type) -> str:
    """Describe what a type allows, such as `one of "EWR", "JFK", "LGA"`."""
    if isinstance(node, inspect.UnionType):
        return " or ".join(dict.fromkeys(map(describe, node.types)))
    if isinstance(node, inspect.LiteralType):
        return f"one of {listed([msgspec.json.encode(value).decode() for value in node.values])}"
    if isinstance(node, inspect.StructType):
        return f"an object with {listed([field.encode_name for field in node.fields])}"
    if isinstance(node, inspect.FloatType):
        return _number(node)
    if isinstance(node, LISTS):
        return f"an array of {_count(node)}items, each {describe(node.item_type)}"
    return EXPECTED.get(getattr(node, "pattern", None) or "") or PLAIN.get(type(node), "another type")


def _number(node: inspect.FloatType) -> str:
    if node.multiple_of:
        return PLAIN[inspect.IntType]
    return f"a number from {node.ge:g} to {node.le:g}" if node.ge is not None else "a number"


def _count(node: Any) -> str:
    if not node.min_length:
        return ""
    if node.max_length is None:
        return f"{node.min_length} or more "
    return (
        f"exactly {node.min_length} "
        if node.min_length == node.max_length
        else f"{node.min_length} to {node.max_length} "
    )


def listed(items: Sequence[object], most: int = SHOWN_VALUES) -> str:
    """Join the first items by commas, and say how many more there are."""
    more = len(items) - most
    return ", ".join(map(str, items[:most])) + (f" and {more:,} more" if more > 0 else "")
