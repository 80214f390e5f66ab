"""Convert tensors to columns or encoded vectors."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from function.errors import BadInput, Fault
from function.model.checks import MAX_FAULTS, checks_of
from function.model.faults import Place, listed
from function.model.manifest import Feature
from function.model.schema import Columns, Schema, Vectors
from function.model.texts import NotUtf8, Texts
from function.model.typed_columns import Array, Values, typed_columns_of, with_null
from function.protocols.open_inference.structs import ACCEPTED, Input, place_of

DUPLICATE = "duplicate input name; each input needs its own"
SHAPE = "expected [n] or [n, 1], with the same n as the other inputs"
NOT_UTF8 = "expected text in UTF-8; the bytes are not valid"
ONE_COLUMN: tuple[list[int], ...] = ([], [1])
"""What follows n in the shape of one feature's values."""


def is_matrix(inputs: Sequence[Input], schema: Schema) -> bool:
    """Return whether the inputs are one matrix of encoded vectors, rather than one input per feature."""
    first, *more = inputs
    return not more and (first.name not in schema.names or first.shape[1:] not in ONE_COLUMN)


def read_columns(inputs: Sequence[Input], schema: Schema) -> Columns:
    """Read one input per feature, in any order, each of shape [n] or [n, 1].

    Raises:
        BadInput: an input is invalid; the message has the input and the row.
    """
    named = _by_name(inputs, schema)
    rows = _rows(inputs, named, schema)
    values = {
        feature.name: _column(named[feature.name], rows, feature)
        if feature.name in named
        else [feature.absent] * rows[0]
        for feature in schema.features
    }
    if set(map(type, values.values())) != {list}:
        columns = typed_columns_of(schema).columns(list(values.values()))
        if columns is not None:
            return columns
        values = {name: _listed(each, ("inputs", name)) for name, each in values.items()}
    try:
        return schema.arrays(msgspec.convert(values, schema.Table))
    except msgspec.ValidationError:
        exact = [[_exact(value, feature) for value in values[feature.name]] for feature in schema.features]
        checked = checks_of(schema).values(zip(*exact, strict=True), _in_column)
        return schema.columns_of(checked.rows)


def read_matrix(matrix: Input, schema: Schema) -> tuple[Columns | None, Vectors]:
    """Read a matrix: n rows of features in order, [n, features], or n encoded vectors, [n, width].

    Raises:
        BadInput: the matrix is invalid; the message has the row and the column.
    """
    sizes = {size for size in (schema.row_length, schema.width) if size}
    if matrix.shape[1:] not in [[size] for size in sizes]:
        columns = f"one input for each of {listed(schema.names)}, or " if schema.names else ""
        matrices = " or ".join(f"[n, {size}]" for size in sorted(sizes))
        raise _invalid(0, "shape", f"expected {columns}one matrix of shape {matrices}")
    values, size = _flat(matrix, 0), matrix.shape[1]
    typed = None if isinstance(values, list) else _typed_matrix(values, size, schema)
    if typed is not None:
        return typed
    flat = _listed(values, ("inputs", 0), size)
    rows = [flat[start : start + size] for start in range(0, len(flat), size)]
    if size == schema.row_length:
        exact = [list(map(_exact, row, schema.features)) for row in rows]
        return schema.columns_of(checks_of(schema).arrays(exact, _in_matrix)[0].rows), ()
    try:
        vectors: Vectors = msgspec.convert({"rows": rows}, schema.Vectors).rows
    except msgspec.ValidationError:
        vectors = checks_of(schema).vectors(rows, _in_matrix).rows
    return None, vectors


def _typed_matrix(values: Array | Texts, size: int, schema: Schema) -> tuple[Columns | None, Vectors] | None:
    """Read a matrix of typed values; None if one of them has to be checked by itself."""
    typed = typed_columns_of(schema)
    if size == schema.row_length:
        every = [slice(i, None, size) for i in range(size)]
        columns = typed.columns([values.at(each) if isinstance(values, Texts) else values[each] for each in every])
        return None if columns is None else (columns, ())
    vectors = None if isinstance(values, Texts) else typed.vectors(values.reshape(-1, size))
    return None if vectors is None else (None, vectors)


def _listed(values: Values, place: Place, width: int = 1) -> list[Any]:
    """Return the values of a column or of a matrix as JSON has them.

    Raises:
        BadInput: a text is not UTF-8.
    """
    if isinstance(values, list):
        return values
    if not isinstance(values, Texts):
        return with_null(values)
    try:
        return values.decoded()
    except NotUtf8 as error:
        raise BadInput(Fault(place_of(error.position, width, place), "type", NOT_UTF8)) from None


def _in_column(place: Place) -> Place:
    row, name = place
    return ("inputs", name, row)


def _in_matrix(place: Place) -> Place:
    return ("inputs", 0, *place)


def _by_name(inputs: Sequence[Input], schema: Schema) -> dict[str, Input]:
    named: dict[str, Input] = {}
    known = set(schema.names)
    for i, each in enumerate(inputs):
        if each.name in named:
            raise _invalid(i, "name", DUPLICATE)
        if each.name in known or schema.ignores_unknown_fields:
            named[each.name] = each
        else:
            raise _invalid(i, "name", f"unknown input name; expected one of {listed(schema.names)}, or one matrix")
    lacking = [f.name for f in schema.features if f.name not in named and not f.optional]
    if lacking:
        faults = [Fault(("inputs", name), "missing", "missing; each feature needs an input") for name in lacking]
        raise BadInput(*faults[:MAX_FAULTS])
    return named


def _rows(inputs: Sequence[Input], named: Mapping[str, Input], schema: Schema) -> list[int]:
    """Return how many rows there are, as a shape: that of the first input, or of a feature's if there are other inputs.

    Values are made up for a feature without an input, so these rows have to be in the body, whatever a shape declares.
    """
    if len(named) == len(schema.features) and not schema.ignores_unknown_fields:
        return inputs[0].shape[:1]
    first = next((named[name] for name in schema.names if name in named), inputs[0])
    name = first.name if first.name in schema.names else 0
    if first.shape[1:] not in ONE_COLUMN:
        raise _invalid(name, "shape", SHAPE)
    _flat(first, name)
    return first.shape[:1]


def _column(column: Input, rows: list[int], feature: Feature) -> Values:
    """Return the values of one feature as they are in the body."""
    if column.shape[:1] != rows or column.shape[1:] not in ONE_COLUMN:
        raise _invalid(feature.name, "shape", SHAPE)
    if column.datatype not in ACCEPTED[feature.type]:
        raise _invalid(feature.name, "datatype", f"expected one of {', '.join(ACCEPTED[feature.type])}")
    return _flat(column, feature.name)


def _exact(value: Any, feature: Feature) -> Any:
    """Convert 7.0 to 7 and 1.0 to true, since some clients send categories and booleans as floats."""
    if not isinstance(value, float) or not value.is_integer():
        return value
    if feature.type == "boolean" and value in (0, 1):
        return bool(value)
    return int(value) if feature.closed else value


def _flat(tensor: Input, name: str | int) -> Values:
    """Return the values row by row; flat or nested data must match the shape."""
    rows, width = tensor.shape[0], (tensor.shape[1:] or [1])[0]
    data = tensor.values
    if not isinstance(data, list):
        return data
    if len(tensor.shape) > 1 and data and isinstance(data[0], list):
        if len(data) != rows or any(not isinstance(row, list) or len(row) != width for row in data):
            raise _invalid(name, "data", f"data does not match shape {tensor.shape}")
        return list(chain.from_iterable(data))
    if len(data) != rows * width:
        raise _invalid(name, "data", f"data does not match shape {tensor.shape}")
    return data


def _invalid(name: str | int, field: str, msg: str) -> BadInput:
    return BadInput(Fault(("inputs", name, field), "value", msg))
