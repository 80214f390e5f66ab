"""Write columns as an Arrow IPC stream of one batch."""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from flatbuffers import Builder

from function.protocols.tables.arrow.messages import CONTINUATION, PREFIX
from function.protocols.tables.arrow.metadata import RECORD_BATCH, SCHEMA, TYPES

VERSION = 4
"""Of the metadata: V5, since Arrow 1.0."""
ALIGNMENT = 8
INT, FLOAT, UTF8, BOOL = (TYPES.index(name) for name in ("int", "float", "utf8", "bool"))
DOUBLE = 2
END = struct.pack("<II", CONTINUATION, 0)
Mask = npt.NDArray[np.bool_]


class _Column(NamedTuple):
    name: str
    type: int
    buffers: Sequence[bytes]
    """The buffers after that of the nulls."""


def write_stream(columns: Mapping[str, npt.NDArray[Any]], rows: int, valid: Mask | None) -> bytes:
    """Write a schema, a batch and the end of a stream.

    Args:
        columns: the values of the rows that have any, as numbers, booleans or text.
        rows: the number of rows, n.
        valid: which rows have values, [n]; None if all have.
    """
    encoded = [_column(name, _spread(values, valid)) for name, values in columns.items()]
    nulls = b"" if valid is None else np.packbits(valid, bitorder="little").tobytes()
    missing = 0 if valid is None else rows - int(valid.sum())
    buffers, body = [], []
    at = 0
    for content in (content for column in encoded for content in (nulls, *column.buffers)):
        buffers.append((at, len(content)))
        body.append(content + bytes(-len(content) % ALIGNMENT))
        at += len(body[-1])
    nodes = [(rows, missing)] * len(encoded)
    return b"".join(
        [
            _message(SCHEMA, lambda builder: _schema(builder, encoded), 0),
            _message(RECORD_BATCH, lambda builder: _batch(builder, rows, nodes, buffers), at),
            *body,
            END,
        ]
    )


def _spread(values: npt.NDArray[Any], valid: Mask | None) -> npt.NDArray[Any]:
    if valid is None:
        return values
    spread = np.zeros(len(valid), values.dtype)
    spread[valid] = values
    return spread


def _column(name: str, values: npt.NDArray[Any]) -> _Column:
    if values.dtype.kind == "b":
        return _Column(name, BOOL, [np.packbits(values, bitorder="little").tobytes()])
    if values.dtype.kind in "iu":
        return _Column(name, INT, [values.astype("<i8").tobytes()])
    if values.dtype.kind == "f":
        return _Column(name, FLOAT, [values.astype("<f8").tobytes()])
    texts = [str(value).encode() for value in values.tolist()]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<i4")
    return _Column(name, UTF8, [offsets.tobytes(), b"".join(texts)])


def _message(kind: int, build: Callable[[Builder], int], body_bytes: int) -> bytes:
    builder = Builder(1024)
    header = build(builder)
    builder.StartObject(5)
    builder.PrependInt16Slot(0, VERSION, 0)
    builder.PrependUint8Slot(1, kind, 0)
    builder.PrependUOffsetTRelativeSlot(2, header, 0)
    builder.PrependInt64Slot(3, body_bytes, 0)
    builder.Finish(builder.EndObject())
    metadata = bytes(builder.Output())
    metadata += bytes(-len(metadata) % ALIGNMENT)
    return PREFIX.pack(CONTINUATION, len(metadata)) + metadata


def _schema(builder: Builder, columns: Sequence[_Column]) -> int:
    fields = _offsets(builder, [_field(builder, column) for column in columns])
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(1, fields, 0)
    end: int = builder.EndObject()
    return end


def _field(builder: Builder, column: _Column) -> int:
    name, kind, children = builder.CreateString(column.name), _type(builder, column.type), _offsets(builder, [])
    builder.StartObject(7)
    builder.PrependUOffsetTRelativeSlot(0, name, 0)
    builder.PrependBoolSlot(1, True, False)  # noqa: FBT003 (nullable)
    builder.PrependUint8Slot(2, column.type, 0)
    builder.PrependUOffsetTRelativeSlot(3, kind, 0)
    builder.PrependUOffsetTRelativeSlot(5, children, 0)
    end: int = builder.EndObject()
    return end


def _type(builder: Builder, kind: int) -> int:
    builder.StartObject({INT: 2, FLOAT: 1}.get(kind, 0))
    if kind == INT:
        builder.PrependInt32Slot(0, 64, 0)
        builder.PrependBoolSlot(1, True, False)  # noqa: FBT003 (signed)
    elif kind == FLOAT:
        builder.PrependInt16Slot(0, DOUBLE, 0)
    end: int = builder.EndObject()
    return end


def _batch(builder: Builder, rows: int, nodes: Sequence[tuple[int, int]], buffers: Sequence[tuple[int, int]]) -> int:
    all_nodes, all_buffers = _pairs(builder, nodes), _pairs(builder, buffers)
    builder.StartObject(5)
    builder.PrependInt64Slot(0, rows, 0)
    builder.PrependUOffsetTRelativeSlot(1, all_nodes, 0)
    builder.PrependUOffsetTRelativeSlot(2, all_buffers, 0)
    end: int = builder.EndObject()
    return end


def _offsets(builder: Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    end: int = builder.EndVector()
    return end


def _pairs(builder: Builder, pairs: Sequence[tuple[int, int]]) -> int:
    """Write structs of two int64; FlatBuffers are written from the end."""
    builder.StartVector(16, len(pairs), 8)
    for first, second in reversed(pairs):
        builder.PrependInt64(second)
        builder.PrependInt64(first)
    end: int = builder.EndVector()
    return end
