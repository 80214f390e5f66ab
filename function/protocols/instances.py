"""Read the rows of a body of the rows protocol: all at once if they are valid, or else one by one."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.errors import BadInput, Fault
from function.inference.query import Query
from function.model.checks import Locate, checks_of
from function.model.faults import fault_of, kind_of
from function.model.schema import Schema
from function.protocols.decoding import ERRORS, malformation
from function.protocols.decoding import decode as decode_json
from function.protocols.predictions import DEFAULTS, Parameters

SINGLE = "test_array"
KEYS = (SINGLE, "instances", "inputs")
ONE_KEY = Fault((), "value", "The body must have exactly one of test_array, instances and inputs.")
MIXED = "expected all objects or all arrays, not a mixture"


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """A body whose rows have not been checked."""

    test_array: Any = UNSET
    instances: Any = UNSET
    inputs: Any = UNSET
    parameters: Parameters | UnsetType | None = UNSET


UNCHECKED = msgspec.json.Decoder(Body)


def read(body: bytes, schema: Schema, defaults: Parameters = DEFAULTS) -> tuple[str, Parameters, Query]:
    """Read the key that holds the rows, the options (`defaults` if there are none), and the rows.

    Raises:
        BadInput: the body is invalid; the faults have the row and the field.
    """
    try:
        content = schema.kept(_decoder).decode(body)
        key, parameters = _options(content, defaults)
        query = _query([content.test_array] if key == SINGLE else getattr(content, key), key, schema, parameters)
        return (key, parameters, query) if query else _read_each(body, schema, MIXED, defaults)
    except msgspec.ValidationError as error:
        return _read_each(body, schema, str(error), defaults)
    except ERRORS as error:
        raise BadInput(malformation(error, body)) from None


def _query(rows: Any, key: str, schema: Schema, parameters: Parameters) -> Query | None:
    """Create the query of rows that have the model's types; None if objects and arrays are mixed."""
    types = set(map(type, rows))
    if len(types) > 1:
        return None
    if types == {list} and schema.arrays_are_rows and key != SINGLE:
        rows = msgspec.convert({"rows": rows}, schema.ValueRows).rows
        types = {schema.Values}
    kept = range(len(rows)) if parameters.on_error == "null" else None
    if types <= {list}:
        return Query(len(rows), vectors=rows, kept=kept)
    if schema.open:  # The values that the model does not know are counted for each request.
        return Query(len(rows), schema.columns(rows), kept=kept)
    return Query(len(rows), named=rows, kept=kept)


def _options(content: Any, defaults: Parameters) -> tuple[str, Parameters]:
    given = [key for key in KEYS if getattr(content, key) is not UNSET]
    if len(given) != 1:
        raise BadInput(ONE_KEY)
    return given[0], content.parameters or defaults


def _read_each(body: bytes, schema: Schema, problem: str, defaults: Parameters) -> tuple[str, Parameters, Query]:
    """Read a body that has `problem`, or is written in a way that only the checks of each row admit."""
    try:
        content = decode_json(UNCHECKED, body)
    except BadInput as error:
        if error.faults[0].type == "range":  # No float can hold the number; the model's types say what is allowed.
            raise BadInput(fault_of(problem, schema.kept(_decoder).type)) from None
        raise
    key, parameters = _options(content, defaults)
    value = getattr(content, key)
    skip = parameters.on_error == "null"
    if key == SINGLE:
        rows, kept = checks_of(schema).vectors([value], lambda place: (key, *place[1:]), skip=skip)
        query = Query(len(rows), vectors=rows, kept=kept if skip else None, skipped=1 - len(rows))
    else:
        query = _read_items(value, schema, lambda within: (key, *within), skip=skip)
    return key, parameters, query


def read_rows(value: Any, schema: Schema, locate: Locate, parameters: Parameters) -> Query:
    """Read rows that are decoded already: a list of objects, or a list of arrays.

    Args:
        value: what the body has in the place of the rows.
        schema: the types of the model.
        locate: turns a place within the list into one in the body.
        parameters: whether invalid rows are skipped.

    Raises:
        BadInput: a row is invalid; the faults have the row and the field.
    """
    try:
        rows = msgspec.convert({"instances": value}, schema.kept(_decoder).type).instances
        query = _query(rows, "instances", schema, parameters)
    except msgspec.ValidationError:
        query = None
    return query or _read_items(value, schema, locate, skip=parameters.on_error == "null")


def read_lines(body: bytes, schema: Schema, parameters: Parameters) -> Query | None:
    """Read a row a line; None if a line is invalid, or written in a way that only the checks admit."""
    try:
        rows = schema.kept(_line_decoder).decode_lines(body)
        return _query(rows, "instances", schema, parameters)
    except (msgspec.ValidationError, *ERRORS):
        return None


def _read_items(value: Any, schema: Schema, locate: Locate, *, skip: bool) -> Query:
    """Read rows one by one, because they are invalid or written in a way that only the checks admit."""
    checks = checks_of(schema)
    if not isinstance(value, list):
        expected = f"expected an array of rows, each {checks.expected}"
        raise BadInput(Fault(locate(()), "type", f"{expected}; {kind_of(value)} is not allowed"))
    items: Sequence[Any] = value
    types = set(map(type, items))
    if {dict, list} <= types and schema.names and not skip:  # Else the arrays are invalid rows.
        raise BadInput(Fault(locate(()), "value", MIXED))
    if (list in types and dict not in types) or not schema.names:
        (rows, kept), named = checks.arrays(items, locate, skip=skip)
    else:
        (rows, kept), named = checks.objects(items, locate, skip=skip), True
    query = Query(len(rows), schema.columns_of(rows) if named else None, () if named else rows)
    return msgspec.structs.replace(query, kept=kept, skipped=len(items) - len(kept)) if skip else query


def request_type(schema: Schema) -> Any:
    """Create the type of the bodies for one model."""
    fields = [
        ("test_array", schema.Vector | UnsetType, UNSET),
        ("instances", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("inputs", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("parameters", Parameters | UnsetType | None, UNSET),
    ]
    return msgspec.defstruct("Body", fields, frozen=True, forbid_unknown_fields=True)


def _decoder(schema: Schema) -> "msgspec.json.Decoder[Any]":
    """Create the decoder of the bodies for one model."""
    return msgspec.json.Decoder(request_type(schema))


def _line_decoder(schema: Schema) -> "msgspec.json.Decoder[Any]":
    """Create the decoder of single rows."""
    return msgspec.json.Decoder(schema.Instance)
