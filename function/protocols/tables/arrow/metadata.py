"""The metadata of Arrow's messages: FlatBuffers tables, of which every offset is checked before it is followed.

https://github.com/apache/arrow/tree/main/format has their schemas, Message.fbs and Schema.fbs.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from flatbuffers import number_types as number
from flatbuffers.table import Table

from function.errors import BadInput, Fault

DAMAGED = Fault((), "arrow_invalid", "The body is not a valid Arrow IPC stream.")
ERRORS = (struct.error, ValueError, TypeError, IndexError, OverflowError)
"""What a damaged table raises."""
MAX_COLUMNS = 10_000
SCHEMA, DICTIONARY_BATCH, RECORD_BATCH = 1, 2, 3
"""Kinds of messages."""
TYPES = (
    *("none", "null", "int", "float", "binary", "utf8", "bool", "decimal", "date", "time", "timestamp", "interval"),
    *("list", "struct", "union", "fixed_size_binary", "fixed_size_list", "map", "duration", "large_binary"),
    *("large_utf8", "large_list", "run_end_encoded", "binary_view", "utf8_view", "list_view", "large_list_view"),
)
"""Arrow's types, in the order of their numbers."""


class Node:
    """A table of FlatBuffers; fields are numbered in the order of the schema."""

    def __init__(self, table: Table) -> None:
        """Wrap a table."""
        self._table = table

    @classmethod
    def root(cls, content: bytes) -> "Node":
        """Return the root table of a buffer."""
        start: int = Table(content, 0).Get(number.UOffsetTFlags, 0)
        return cls(Table(content, start))

    def value(self, index: int, flags: Any, default: int = 0) -> int:
        """Return a number."""
        found: int = self._table.GetSlot(_slot(index), default, flags)
        return found

    def child(self, index: int) -> "Node | None":
        """Return a table inside this one."""
        offset = self._table.Offset(_slot(index))
        return Node(self._at(self._table.Pos + offset)) if offset else None

    def text(self, index: int) -> str:
        """Return a string."""
        offset = self._table.Offset(_slot(index))
        return self._table.String(self._table.Pos + offset).decode() if offset else ""

    def children(self, index: int) -> "Iterator[Node]":
        """Return the tables of a vector."""
        offset = self._table.Offset(_slot(index))
        if not offset:
            return
        start, count = self._table.Vector(offset), self._table.VectorLen(offset)
        if count > MAX_COLUMNS:
            raise BadInput(Fault((), "arrow_invalid", f"A table has more than {MAX_COLUMNS:,} columns."))
        for i in range(count):
            yield Node(self._at(start + 4 * i))

    def pairs(self, index: int) -> npt.NDArray[np.int64]:
        """Return a vector of structs of two int64, [n, 2]."""
        return self._numbers(index, 2).reshape(-1, 2)

    def _numbers(self, index: int, width: int) -> npt.NDArray[np.int64]:
        offset = self._table.Offset(_slot(index))
        if not offset:
            return np.empty(0, np.int64)
        start, count = self._table.Vector(offset), self._table.VectorLen(offset)
        return np.frombuffer(self._table.Bytes, "<i8", count * width, start)

    def numbers(self, index: int) -> npt.NDArray[np.int64]:
        """Return a vector of int64."""
        return self._numbers(index, 1)

    def _at(self, place: int) -> Table:
        return Table(self._table.Bytes, self._table.Indirect(place))


def _slot(index: int) -> int:
    return 4 + 2 * index


class Encoding(NamedTuple):
    """How a column refers to a dictionary."""

    id: int
    indices: str
    """The numpy dtype of the indices."""


class Field(NamedTuple):
    """A column: its name, its type (one of `TYPES`), and what the type needs."""

    name: str
    type: str
    dtype: str = ""
    """The numpy dtype of a type of fixed width."""
    unit: str = ""
    """Of timestamps and dates: a unit of numpy's datetime64."""
    encoding: Encoding | None = None


class Batch(NamedTuple):
    """The layout of a record batch, or of a dictionary's values."""

    length: int
    nodes: npt.NDArray[np.int64]
    """The length and the number of nulls of each column, [columns, 2]."""
    buffers: npt.NDArray[np.int64]
    """The offset and the length of each buffer in the message's body, [buffers, 2]."""
    variadic: npt.NDArray[np.int64]
    """How many buffers of text each column of views has."""
    compressed: bool
    dictionary: int | None = None
    """The id of the dictionary whose values these are."""
    delta: bool = False
    """Whether these values follow those that the dictionary has already."""


def read_schema(node: Node) -> tuple[Field, ...]:
    """Read the columns of a stream; nested types stay without a layout."""
    if node.value(0, number.Int16Flags):
        raise BadInput(Fault((), "arrow_invalid", "The stream is big-endian. Write it as little-endian."))
    return tuple(_field(each) for each in node.children(1))


def _field(node: Node) -> Field:
    type_number = node.value(2, number.Uint8Flags)
    kind = TYPES[type_number] if type_number < len(TYPES) else "unknown"
    dtype, unit = _layout(kind, node.child(3))
    encoding = node.child(4)
    if encoding is None:
        return Field(node.text(0), kind, dtype, unit)
    index = encoding.child(1)
    indices = "<i4" if index is None else _integer(index)
    return Field(node.text(0), kind, dtype, unit, Encoding(encoding.value(0, number.Int64Flags), indices))


def _layout(kind: str, node: Node | None) -> tuple[str, str]:
    """Return the numpy dtype and the unit of a type."""
    if node is None:
        return "", ""
    if kind == "int":
        return _integer(node), ""
    if kind == "float":
        return ("<f2", "<f4", "<f8")[_unsigned(node.value(0, number.Int16Flags))], ""
    if kind == "date":
        days = node.value(0, number.Int16Flags, 1) == 0
        return ("<i4", "D") if days else ("<i8", "ms")
    if kind == "timestamp":
        return "<i8", ("s", "ms", "us", "ns")[_unsigned(node.value(0, number.Int16Flags))]
    return "", ""


def _integer(node: Node) -> str:
    width = node.value(0, number.Int32Flags)
    if width not in (8, 16, 32, 64):
        raise BadInput(DAMAGED)
    return f"<{'i' if node.value(1, number.BoolFlags) else 'u'}{width // 8}"


def _unsigned(value: int) -> int:
    if value < 0:
        raise BadInput(DAMAGED)
    return value


def read_batch(node: Node, kind: int) -> Batch:
    """Read the layout of a record batch or of a dictionary's values."""
    if kind == RECORD_BATCH:
        return _batch(node)
    data = node.child(1)
    if data is None:
        raise BadInput(DAMAGED)
    return _batch(data)._replace(
        dictionary=node.value(0, number.Int64Flags), delta=bool(node.value(2, number.BoolFlags))
    )


def _batch(node: Node) -> Batch:
    length = node.value(0, number.Int64Flags)
    if length < 0:
        raise BadInput(DAMAGED)
    return Batch(length, node.pairs(1), node.pairs(2), node.numbers(4), compressed=node.child(3) is not None)
