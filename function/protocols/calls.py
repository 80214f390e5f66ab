"""Convert the calls of a BigQuery remote function to columns or encoded vectors."""

from collections.abc import Callable
from typing import Any

import msgspec

from function.errors import BadInput, Fault
from function.inference.query import Query
from function.model.conversion import Place, convert, listed
from function.model.manifest import Feature
from function.model.schema import Schema

ONE_JSON_ARGUMENT = "one JSON argument, like the other calls"
NAN = "NaN"
NUMERIC = ("integer", "number")

Call = list[Any]
Reader = Callable[[Schema, list[Call]], Query]


def parse_json_argument(call: Call) -> Call:
    """Parse a lone string argument as JSON if possible."""
    if len(call) != 1 or not isinstance(call[0], str):
        return call
    try:
        return [msgspec.json.decode(call[0])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return call


def choose_reader(calls: list[Call]) -> Reader:
    """Return the function that reads the calls, which all have the same form: arguments, an object or an array.

    It raises BadInput if a call is invalid; the message has the row and the argument.
    """
    kinds = {type(call[0]) for call in calls if len(call) == 1}
    return _read_objects if dict in kinds else _read_vectors if list in kinds else _read_arguments


def _read_arguments(schema: Schema, calls: list[Call]) -> Query:
    """Read calls with one argument per feature, or per number of a vector if the features have no names."""
    names = schema.names
    count = len(names) or schema.width
    _check_counts(calls, count, f"{count} arguments" + (f" ({listed(names)}) or one JSON argument" if names else ""))
    if not names:
        return _vectors(schema, calls, lambda loc: ("calls", *loc[1:]))
    columns = zip(*calls, strict=True) if calls else [()] * count
    values = [
        _column_without_nan(list(column), feature) for column, feature in zip(columns, schema.features, strict=True)
    ]

    def place(loc: Place) -> Place:
        name, *rest = loc
        return ("calls", *rest, names.index(str(name)), name)

    # BigQuery sends numbers that JSON can't represent as text.
    table = convert(dict(zip(names, values, strict=True)), schema.Table, place, strict=False)
    return Query(len(calls), schema.arrays(table))


def _column_without_nan(values: list[Any], feature: Feature) -> list[Any]:
    """Replace NaN, which BigQuery sends as text, by null in a column of numbers."""
    if feature.type not in NUMERIC or NAN not in values:
        return values
    return [None if value == NAN else value for value in values]


def _read_objects(schema: Schema, calls: list[Call]) -> Query:
    """Read calls with one JSON object, which is the row."""
    _check_counts(calls, 1, ONE_JSON_ARGUMENT)
    numeric = {feature.name for feature in schema.features if feature.type in NUMERIC}
    objects = [_object_column_without_nan(call[0], numeric) for call in calls]
    rows = convert({"rows": objects}, schema.Rows, _in_json, strict=False).rows
    return Query(len(rows), schema.columns(rows))


def _read_vectors(schema: Schema, calls: list[Call]) -> Query:
    """Read calls with one JSON array, which is the encoded vector."""
    _check_counts(calls, 1, ONE_JSON_ARGUMENT)
    return _vectors(schema, [call[0] for call in calls], _in_json)


def _vectors(schema: Schema, vectors: list[Any], place: Callable[[Place], Place]) -> Query:
    rows = convert({"rows": vectors}, schema.Vectors, place, strict=False).rows
    return Query(len(rows), vectors=rows)


def _object_column_without_nan(value: Any, numeric: set[str]) -> Any:
    """Replace NaN, which BigQuery sends as text, by null in the numeric fields of a row."""
    if not isinstance(value, dict) or NAN not in value.values():
        return value
    return {name: None if item == NAN and name in numeric else item for name, item in value.items()}


def _in_json(loc: Place) -> Place:
    return ("calls", *loc[1:2], 0, *loc[2:])


def _check_counts(calls: list[Call], count: int, expected: str) -> None:
    for row, call in enumerate(calls):
        if len(call) != count:
            raise BadInput(Fault(("calls", row), "length", f"expected {expected}"))
