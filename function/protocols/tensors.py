"""Convert tensors of the Open Inference Protocol to columns or encoded vectors."""

from itertools import chain
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from function.errors import BadInput, Fault
from function.model.checks import MAX_FAULTS, checks_of
from function.model.faults import Place, listed
from function.model.manifest import Feature
from function.model.schema import Columns, Schema, Vectors

DUPLICATE = "duplicate input name; each input needs its own"
Integer = Literal["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"]
Number = Literal[Integer, "FP16", "FP32", "FP64"]
Datatype = Literal["BOOL", Number, "BYTES"]
NUMBERS: tuple[Datatype, ...] = get_args(Number)
ALL: tuple[Datatype, ...] = get_args(Datatype)
ACCEPTED: dict[str, tuple[Datatype, ...]] = {
    "string": ("BYTES",),
    "integer": NUMBERS,
    "number": NUMBERS,
    "boolean": ("BOOL",),
    "any": ALL,
}
"""The datatypes that each type of feature accepts; the values are then checked one by one."""


class Tensor(Struct, frozen=True):
    """An input tensor: `data` is flat or nested, row by row; null is a missing value."""

    name: str
    shape: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(min_length=1, max_length=2)]
    datatype: Datatype
    data: list[Any]
    parameters: dict[str, Any] | None = None


def is_matrix(tensors: list[Tensor], schema: Schema) -> bool:
    """Return whether the tensors are one matrix of encoded vectors, rather than one input per feature."""
    first, *more = tensors
    return not more and (first.name not in schema.names or first.shape[1:] not in ([], [1]))


def read_columns(tensors: list[Tensor], schema: Schema) -> Columns:
    """Read one input per feature, in any order, each of shape [n] or [n, 1].

    Raises:
        BadInput: an input is invalid; the message has the input and the row.
    """
    named = _by_name(tensors, schema)
    rows = tensors[0].shape[:1]
    values = {
        feature.name: _column(named[feature.name], rows, feature)
        if feature.name in named
        else [feature.absent] * rows[0]
        for feature in schema.features
    }
    try:
        return schema.arrays(msgspec.convert(values, schema.Table))
    except msgspec.ValidationError:
        exact = [[_exact(v, feature) for v in values[feature.name]] for feature in schema.features]
        checked = checks_of(schema).values(zip(*exact, strict=True), _in_column)
        return schema.columns_of(checked.rows)


def read_matrix(tensor: Tensor, schema: Schema) -> tuple[Columns | None, Vectors]:
    """Read a matrix: n rows of features in order, [n, features], or n encoded vectors, [n, width].

    Raises:
        BadInput: the matrix is invalid; the message has the row and the column.
    """
    sizes = {size for size in (schema.row_length, schema.width) if size}
    if tensor.shape[1:] not in [[size] for size in sizes]:
        columns = f"one input for each of {listed(schema.names)}, or " if schema.names else ""
        matrices = " or ".join(f"[n, {size}]" for size in sorted(sizes))
        raise _invalid(0, "shape", f"expected {columns}one matrix of shape {matrices}")
    flat, size = _flat(tensor, 0), tensor.shape[1]
    rows = [flat[start : start + size] for start in range(0, len(flat), size)]
    if size == schema.row_length:
        exact = [list(map(_exact, row, schema.features)) for row in rows]
        return schema.columns_of(checks_of(schema).arrays(exact, _in_matrix)[0].rows), ()
    try:
        vectors: Vectors = msgspec.convert({"rows": rows}, schema.Vectors).rows
    except msgspec.ValidationError:
        vectors = checks_of(schema).vectors(rows, _in_matrix).rows
    return None, vectors


def _in_column(place: Place) -> Place:
    row, name = place
    return ("inputs", name, row)


def _in_matrix(place: Place) -> Place:
    return ("inputs", 0, *place)


def _by_name(tensors: list[Tensor], schema: Schema) -> dict[str, Tensor]:
    named: dict[str, Tensor] = {}
    known = set(schema.names)
    for i, tensor in enumerate(tensors):
        if tensor.name in named:
            raise _invalid(i, "name", DUPLICATE)
        if tensor.name in known or schema.ignores_unknown_fields:
            named[tensor.name] = tensor
        else:
            raise _invalid(i, "name", f"unknown input name; expected one of {listed(schema.names)}, or one matrix")
    lacking = [f.name for f in schema.features if f.name not in named and not f.optional]
    if lacking:
        faults = [Fault(("inputs", name), "missing", "missing; each feature needs an input") for name in lacking]
        raise BadInput(*faults[:MAX_FAULTS])
    return named


def _column(tensor: Tensor, rows: list[int], feature: Feature) -> list[Any]:
    """Return the values of one feature as they are in the body."""
    if tensor.shape[:1] != rows or tensor.shape[1:] not in ([], [1]):
        raise _invalid(feature.name, "shape", "expected [n] or [n, 1], with the same n as the other inputs")
    if tensor.datatype not in ACCEPTED[feature.type]:
        raise _invalid(feature.name, "datatype", f"expected one of {', '.join(ACCEPTED[feature.type])}")
    return _flat(tensor, feature.name)


def _exact(value: Any, feature: Feature) -> Any:
    """Convert 7.0 to 7 and 1.0 to true, since some clients send integers and booleans as floats."""
    if not isinstance(value, float) or not value.is_integer():
        return value
    return bool(value) if feature.type == "boolean" and value in (0, 1) else int(value)


def _flat(tensor: Tensor, name: str | int) -> list[Any]:
    """Return the values row by row; flat or nested data must match the shape."""
    rows, width = tensor.shape[0], (tensor.shape[1:] or [1])[0]
    data = tensor.data
    if len(tensor.shape) > 1 and data and isinstance(data[0], list):
        if len(data) != rows or any(not isinstance(row, list) or len(row) != width for row in data):
            raise _invalid(name, "data", f"data does not match shape {tensor.shape}")
        return list(chain.from_iterable(data))
    if len(data) != rows * width:
        raise _invalid(name, "data", f"data does not match shape {tensor.shape}")
    return data


def _invalid(name: str | int, field: str, msg: str) -> BadInput:
    return BadInput(Fault(("inputs", name, field), "value", msg))
