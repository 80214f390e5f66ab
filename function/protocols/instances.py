"""Read the rows of a body of the rows protocol: all at once if they are valid, or else one by one."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.errors import BadInput, Fault
from function.inference.query import Query
from function.model.checks import checks_of
from function.model.faults import Place, fault_of, kind_of
from function.model.schema import Schema
from function.protocols.decoding import ERRORS, malformation
from function.protocols.decoding import decode as decode_json

SINGLE = "test_array"
KEYS = (SINGLE, "instances", "inputs")
ONE_KEY = Fault((), "value", "The body must have exactly one of test_array, instances and inputs.")
MIXED = "expected all objects or all arrays, not a mixture"


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a prediction request."""

    output: Literal["label", "probability", "score", "explanation"] = "label"
    on_error: Literal["fail", "null"] = "fail"
    """Whether an invalid row fails the request, or gets null as its prediction."""


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """A body whose rows have not been checked."""

    test_array: Any = UNSET
    instances: Any = UNSET
    inputs: Any = UNSET
    parameters: Parameters | UnsetType | None = UNSET


UNCHECKED = msgspec.json.Decoder(Body)


def read(body: bytes, schema: Schema) -> tuple[str, Parameters, Query]:
    """Read the key that holds the rows, the options, and the rows.

    Raises:
        BadInput: the body is invalid; the faults have the row and the field.
    """
    try:
        return _read_all(_decoder(schema).decode(body), schema, body)
    except msgspec.ValidationError as error:
        return _read_each(body, schema, str(error))
    except ERRORS as error:
        raise BadInput(malformation(error, body)) from None


def _read_all(content: Any, schema: Schema, body: bytes) -> tuple[str, Parameters, Query]:
    """Read a body whose rows have the model's types."""
    key, parameters = _options(content)
    rows = [content.test_array] if key == SINGLE else getattr(content, key)
    types = set(map(type, rows))
    if len(types) > 1:
        return _read_each(body, schema, MIXED)
    if types == {list} and schema.arrays_are_rows and key != SINGLE:
        rows = msgspec.convert({"rows": rows}, schema.ValueRows).rows
        types = {schema.Values}
    columns = None if types <= {list} else schema.columns(rows)
    kept = range(len(rows)) if parameters.on_error == "null" else None
    return key, parameters, Query(len(rows), columns, () if columns else rows, kept=kept)


def _options(content: Any) -> tuple[str, Parameters]:
    given = [key for key in KEYS if getattr(content, key) is not UNSET]
    if len(given) != 1:
        raise BadInput(ONE_KEY)
    return given[0], content.parameters or Parameters()


def _read_each(body: bytes, schema: Schema, problem: str) -> tuple[str, Parameters, Query]:
    """Read a body that has `problem`, or is written in a way that only the checks of each row admit."""
    try:
        content = decode_json(UNCHECKED, body)
    except BadInput as error:
        if error.faults[0].type == "range":  # No float can hold the number; the model's types say what is allowed.
            raise BadInput(fault_of(problem, _decoder(schema).type)) from None
        raise
    key, parameters = _options(content)
    value = getattr(content, key)
    skip, checks = parameters.on_error == "null", checks_of(schema)

    def locate(place: Place) -> Place:
        return (key, *place[1:]) if key == SINGLE else (key, *place)

    if key != SINGLE and not isinstance(value, list):
        expected = f"expected an array of rows, each {checks.expected}"
        raise BadInput(Fault((key,), "type", f"{expected}; {kind_of(value)} is not allowed"))
    items: Sequence[Any] = [value] if key == SINGLE else value
    types = set(map(type, items))
    if {dict, list} <= types and schema.names and not skip:  # Else the arrays are invalid rows.
        raise BadInput(Fault((key,), "value", MIXED))
    if key == SINGLE:
        (rows, kept), named = checks.vectors(items, locate, skip=skip), False
    elif (list in types and dict not in types) or not schema.names:
        (rows, kept), named = checks.arrays(items, locate, skip=skip)
    else:
        (rows, kept), named = checks.objects(items, locate, skip=skip), True
    query = Query(len(rows), schema.columns_of(rows) if named else None, () if named else rows)
    if skip:
        query = msgspec.structs.replace(query, kept=kept, skipped=len(items) - len(kept))
    return key, parameters, query


def request_type(schema: Schema) -> Any:
    """Create the type of the bodies for one model."""
    fields = [
        ("test_array", schema.Vector | UnsetType, UNSET),
        ("instances", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("inputs", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("parameters", Parameters | UnsetType | None, UNSET),
    ]
    return msgspec.defstruct("Body", fields, frozen=True, forbid_unknown_fields=True)


@lru_cache(maxsize=2)
def _decoder(schema: Schema) -> "msgspec.json.Decoder[Any]":
    """Return the decoder of the bodies for one model; the live model's is cached."""
    return msgspec.json.Decoder(request_type(schema))
