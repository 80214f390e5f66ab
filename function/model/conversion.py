"""Convert decoded values to a type, or report the place of the fault and what is allowed there.

msgspec stops at the first fault and names its place (``... - at `$.instances[0].carrier` ``). Its message
may contain the caller's value, so only the place and the kind are used. The type itself describes what
is allowed at that place.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from function.errors import BadInput, Fault
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
PLAIN = {
    inspect.IntType: "an integer",
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
    inspect.DictType: "an object",
    inspect.AnyType: "any value",
}


def convert(value: Any, expected: Any, place: Callable[[Place], Place], *, strict: bool = True) -> Any:
    """Convert a decoded value to a type; with `strict=False`, numbers may be written as text.

    Args:
        value: lists, objects and scalars.
        expected: the type.
        place: turns the place of a fault in the value into its place in the body.
        strict: as in `msgspec.convert`.

    Raises:
        BadInput: the value does not match the type; `fault.loc` is the result of `place`.
    """
    try:
        return msgspec.convert(value, expected, strict=strict)
    except msgspec.ValidationError as error:
        fault = fault_of(str(error), expected)
        raise BadInput(Fault(place(fault.loc), fault.type, fault.msg)) from None


def fault_of(message: str, expected: Any) -> Fault:
    """Turn msgspec's message about a value of a type into a fault."""
    sentence, found, path = message.rpartition(" - at `$")
    loc, node = _walk(path.removesuffix("`") if found else "", inspect.type_info(expected))
    sentence = sentence if found else message
    kind = next((kind for start, kind in KINDS.items() if sentence.startswith(start)), "type")
    name = sentence.partition("`")[2].removesuffix("`")[:LONGEST_NAME]
    if kind == "missing":
        return Fault((*loc, name), kind, f"missing; expected {describe(_member(node, name) or node)}")
    if kind == "extra_forbidden":
        objects = [option for option in _alternatives(node) if isinstance(option, inspect.StructType)]
        return Fault((*loc, name), kind, f"unknown; expected {describe(objects[0] if objects else node)}")
    hint = "; null is not allowed" if sentence.endswith("got `null`") else ""
    return Fault(loc, kind, f"expected {describe(node)}{hint}")


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


def listed(items: Sequence[str]) -> str:
    """Join items by commas, up to a hundred of them."""
    more = len(items) - SHOWN_VALUES
    return ", ".join(items[:SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")
