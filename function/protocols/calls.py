"""Convert the calls of a BigQuery remote function to columns or encoded vectors."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from function.errors import BadInput, Fault
from function.inference.query import Query
from function.model.checks import MAX_FAULTS, NUMERIC, Checked, Locate, checks_of
from function.model.faults import Place, listed
from function.model.manifest import Feature
from function.model.schema import Schema

ONE_JSON_ARGUMENT = "one JSON argument, like the other calls"
NAN = "NaN"

Call = list[Any]
Positions = Sequence[int]


def parse_json_argument(call: Call) -> Call:
    """Parse a lone string argument as JSON if possible."""
    if len(call) != 1 or not isinstance(call[0], str):
        return call
    try:
        return [msgspec.json.decode(call[0])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return call


def read_calls(calls: list[Call], schema: Schema, *, skip: bool) -> Query:
    """Read the calls, which all have the same form: arguments, an object or an array.

    Raises:
        BadInput: a call is invalid, unless such calls are skipped; the faults have the row and the argument.
    """
    kinds = {type(call[0]) for call in calls if len(call) == 1}
    read = _objects if dict in kinds and schema.names else _arrays if kinds & {dict, list} else _arguments
    query, kept = read(schema, calls, skip)
    return replace(query, kept=kept, skipped=len(calls) - len(kept)) if skip else query


def _arguments(schema: Schema, calls: list[Call], skip: bool) -> tuple[Query, Positions]:  # noqa: FBT001
    """Read calls with one argument per feature, or per number of a vector if the features have no names."""
    names = schema.names
    count = len(names) or schema.width
    expected = f"{count} arguments" + (f" ({listed(names)}) or one JSON argument" if names else "")
    positions = _of_length(calls, count, expected, skip=skip)
    kept = [calls[i] for i in positions]
    if not names:
        return _vectors(schema, kept, positions, lambda place: place, skip=skip)
    columns = list(zip(*kept, strict=True)) if kept else [()] * count
    values = [
        [_without_nan(value, feature) for value in column] if NAN in column and feature.type in NUMERIC else column
        for column, feature in zip(columns, schema.features, strict=True)
    ]
    try:
        # BigQuery sends numbers that JSON can't represent as text.
        table = msgspec.convert(dict(zip(names, values, strict=True)), schema.Table, strict=False)
        return Query(len(kept), schema.arrays(table)), positions
    except msgspec.ValidationError:
        numbers = {name: i for i, name in enumerate(names)}
        checked = checks_of(schema, strict=False).values(
            zip(*values, strict=True),
            lambda place: ("calls", positions[int(place[0])], numbers[str(place[1])], place[1]),
            skip=skip,
        )
        return _of_rows(schema, checked, positions)


def _objects(schema: Schema, calls: list[Call], skip: bool) -> tuple[Query, Positions]:  # noqa: FBT001
    """Read calls with one JSON object, which is the row."""
    positions = _of_length(calls, 1, ONE_JSON_ARGUMENT, skip=skip)
    features = {feature.name: feature for feature in schema.features}
    objects = [_object_without_nan(calls[i][0], features) for i in positions]
    try:
        rows = msgspec.convert({"rows": objects}, schema.Rows, strict=False).rows
        return Query(len(rows), schema.columns(rows)), positions
    except msgspec.ValidationError:
        checked = checks_of(schema, strict=False).objects(objects, _in_json(positions), skip=skip)
        return _of_rows(schema, checked, positions)


def _arrays(schema: Schema, calls: list[Call], skip: bool) -> tuple[Query, Positions]:  # noqa: FBT001
    """Read calls with one JSON array, which is a row of features in order, or an encoded vector."""
    positions = _of_length(calls, 1, ONE_JSON_ARGUMENT, skip=skip)
    arrays = [calls[i][0] for i in positions]
    if not any(len(each) == schema.row_length for each in arrays if isinstance(each, list)):
        return _vectors(schema, arrays, positions, lambda place: (0, *place), skip=skip)
    features = schema.features
    rows = [
        list(map(_without_nan, each, features)) if isinstance(each, list) and len(each) == len(features) else each
        for each in arrays
    ]
    checked, _ = checks_of(schema, strict=False).arrays(rows, _in_json(positions), skip=skip)
    return _of_rows(schema, checked, positions)


def _vectors(
    schema: Schema, vectors: list[Any], positions: Positions, inside: Callable[[Place], Place], *, skip: bool
) -> tuple[Query, Positions]:
    try:
        rows = msgspec.convert({"rows": vectors}, schema.Vectors, strict=False).rows
        return Query(len(rows), vectors=rows), positions
    except msgspec.ValidationError:
        checked = checks_of(schema, strict=False).vectors(
            vectors, lambda place: ("calls", positions[int(place[0])], *inside(place[1:])), skip=skip
        )
        return Query(len(checked.rows), vectors=checked.rows), [positions[i] for i in checked.kept]


def _of_rows(schema: Schema, checked: Checked, positions: Positions) -> tuple[Query, Positions]:
    return Query(len(checked.rows), schema.columns_of(checked.rows)), [positions[i] for i in checked.kept]


def _in_json(positions: Positions) -> Locate:
    return lambda place: ("calls", positions[int(place[0])], 0, *place[1:])


def _without_nan(value: Any, feature: Feature) -> Any:
    """Replace NaN, which BigQuery sends as text, by null in a column of numbers."""
    return None if value == NAN and feature.type in NUMERIC else value


def _object_without_nan(value: Any, features: dict[str, Feature]) -> Any:
    if not isinstance(value, dict) or NAN not in value.values():
        return value
    return {name: _without_nan(item, features[name]) if name in features else item for name, item in value.items()}


def _of_length(calls: list[Call], count: int, expected: str, *, skip: bool) -> Positions:
    """Return the positions of the calls with the right number of arguments."""
    positions = [i for i, call in enumerate(calls) if len(call) == count]
    if len(positions) < len(calls) and not skip:
        wrong = sorted(set(range(len(calls))) - set(positions))[:MAX_FAULTS]
        raise BadInput(*[Fault(("calls", row), "length", f"expected {expected}") for row in wrong])
    return positions
