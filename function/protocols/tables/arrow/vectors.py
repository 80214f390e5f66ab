"""The columns of a batch as numpy arrays: buffers are checked against the body and the number of rows before use."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from function.errors import BadInput, Fault
from function.protocols.tables.arrow.messages import Part
from function.protocols.tables.arrow.metadata import Field

BUFFERS = {
    "null": 0,
    **dict.fromkeys(("binary", "utf8", "large_binary", "large_utf8"), 3),
    **dict.fromkeys(
        ("int", "float", "bool", "decimal", "date", "time", "timestamp", "interval", "duration", "fixed_size_binary"), 2
    ),
    **dict.fromkeys(("binary_view", "utf8_view"), 2),
}
"""How many buffers a column of each type has, those of the text of views left out; nested types are not read."""
NOT_BUFFERS = "a buffer does not match the body or the number of rows"
OVERLAPPING = Fault((), "arrow_invalid", "The buffers of a batch are larger than its body.")
INLINE = 12
"""The longest text that a view holds itself."""

Mask = npt.NDArray[np.bool_]


class Vector(NamedTuple):
    """The values of a column, [n]: of text, the bytes of its values lie in `data` from `starts` to `ends`."""

    values: npt.NDArray[np.generic]
    """Numbers, booleans, or the indices into a dictionary; empty for text."""
    valid: Mask | None
    """Which values are not null; None if none is."""
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]


NO_NUMBERS = np.empty(0, np.int64)
NO_BYTES = np.empty(0, np.uint8)


def read_vectors(part: Part, fields: Sequence[Field], *, encoded: bool = True) -> Iterator[Vector | None]:
    """Read the columns of a batch; None for one whose values are not read, such as a decimal.

    Args:
        part: the batch and its bytes.
        fields: the columns.
        encoded: whether columns that have a dictionary are indices into it, rather than its values.

    Raises:
        BadInput: a buffer is damaged; the message has the column.
    """
    batch, position, views = part.batch, 0, 0
    sizes = batch.buffers[:, 1]
    if (sizes < 0).any() or (sizes > len(part.body)).any() or sizes.sum() > len(part.body):
        raise BadInput(OVERLAPPING)  # Else a small body could mean a lot of memory.
    for field in fields:
        if field.type not in BUFFERS:
            raise BadInput(Fault(("columns", field.name), "type", f"columns of type {field.type} are not supported"))
    if len(batch.nodes) != len(fields):
        raise BadInput(Fault((), "arrow_invalid", "A batch does not have one node for each column of the schema."))
    for field, (length, nulls) in zip(fields, batch.nodes.tolist(), strict=True):
        kind, dtype = (field.type, field.dtype)
        if field.encoding and encoded:
            kind, dtype = "int", field.encoding.indices
        count = BUFFERS[kind]
        if kind in ("binary_view", "utf8_view"):
            if views >= len(batch.variadic):
                raise _damaged(field)
            count += int(batch.variadic[views])
            views += 1
        if length != batch.length or count < BUFFERS[kind] or position + count > len(batch.buffers):
            raise _damaged(field)
        buffers = [_slice(part.body, field, *batch.buffers[position + i].tolist()) for i in range(count)]
        position += count
        yield _vector(kind, dtype, length, nulls, buffers, field)


def _vector(
    kind: str, dtype: str, length: int, nulls: int, buffers: list[npt.NDArray[np.uint8]], field: Field
) -> Vector | None:
    if kind == "null":
        return Vector(np.zeros(length, np.bool_), np.zeros(length, np.bool_), NO_NUMBERS, NO_NUMBERS, NO_BYTES)
    valid = _bits(buffers[0], length, field) if len(buffers[0]) else None
    if valid is None and nulls > 0 and length:
        raise _damaged(field)
    if kind in ("utf8", "large_utf8"):
        return _text(buffers, length, valid, "<i4" if kind == "utf8" else "<i8", field)
    if kind == "utf8_view":
        return _views(buffers, length, valid, field)
    if kind == "bool":
        return Vector(_bits(buffers[1], length, field), valid, NO_NUMBERS, NO_NUMBERS, NO_BYTES)
    if not dtype:
        return None
    return Vector(_numbers(buffers[1], dtype, length, field), valid, NO_NUMBERS, NO_NUMBERS, NO_BYTES)


def _slice(body: memoryview, field: Field, offset: int, length: int) -> npt.NDArray[np.uint8]:
    if offset < 0 or length < 0 or offset + length > len(body):
        raise _damaged(field)
    return np.frombuffer(body, np.uint8, length, offset) if length else NO_BYTES


def _bits(buffer: npt.NDArray[np.uint8], length: int, field: Field) -> Mask:
    if len(buffer) * 8 < length:
        raise _damaged(field)
    return np.unpackbits(buffer[: (length + 7) // 8], count=length, bitorder="little").view(np.bool_)


def _numbers(buffer: npt.NDArray[np.uint8], dtype: str, length: int, field: Field) -> npt.NDArray[np.generic]:
    size = np.dtype(dtype).itemsize * length
    if len(buffer) < size:
        raise _damaged(field)
    return buffer[:size].view(dtype)


def _text(buffers: list[npt.NDArray[np.uint8]], length: int, valid: Mask | None, dtype: str, field: Field) -> Vector:
    _, offsets, data = buffers
    if not length:
        return Vector(NO_NUMBERS, valid, NO_NUMBERS, NO_NUMBERS, NO_BYTES)
    bounds = _numbers(offsets, dtype, length + 1, field).astype(np.int64)
    if bounds[0] < 0 or bounds[-1] > len(data) or (bounds[1:] < bounds[:-1]).any():
        raise _damaged(field)
    return Vector(NO_NUMBERS, valid, bounds[:-1], bounds[1:], data)


def _views(buffers: list[npt.NDArray[np.uint8]], length: int, valid: Mask | None, field: Field) -> Vector:
    """Read views: 16 bytes each, with the text itself or with the place of a longer one."""
    _, views, *texts = buffers
    table = _numbers(views, "<i4", 4 * length, field).reshape(-1, 4).astype(np.int64)
    sizes = table[:, 0]
    if valid is not None:
        sizes = np.where(valid, sizes, 0)
    if (sizes < 0).any():
        raise _damaged(field)
    long = sizes > INLINE
    bases = np.cumsum([len(views), *map(len, texts)])
    starts = np.arange(length, dtype=np.int64) * 16 + 4
    if long.any():
        which, at = table[long, 2], table[long, 3]
        if (which < 0).any() or (which >= len(texts)).any() or (at < 0).any():
            raise _damaged(field)
        if (at + sizes[long] > np.array([len(text) for text in texts])[which]).any():
            raise _damaged(field)
        starts[long] = bases[which] + at
    return Vector(NO_NUMBERS, valid, starts, starts + sizes, np.concatenate([views, *texts]))


def _damaged(field: Field) -> BadInput:
    return BadInput(Fault(("columns", field.name), "arrow_invalid", NOT_BUFFERS))


def take(vector: Vector, rows: npt.NDArray[np.int64], *, null: bool) -> Vector:
    """Return the values at some positions, followed by a null if `null`."""
    if null and not size_of(vector):  # It may be one of text as well as one of numbers.
        nothing = np.zeros(1, np.int64)
        return Vector(nothing, np.zeros(1, np.bool_), nothing, nothing, vector.data)
    places = np.append(rows, 0) if null else rows
    values = vector.values.take(places) if len(vector.values) else vector.values
    starts, ends = (each.take(places) if len(each) else each for each in (vector.starts, vector.ends))
    valid = None if vector.valid is None else vector.valid.take(places)
    if null:
        valid = np.ones(len(places), np.bool_) if valid is None else valid
        valid[-1] = False
    return Vector(values, valid, starts, ends, vector.data)


def concatenated(parts: Sequence[Vector]) -> Vector:
    """Return the values of one or more vectors of the same type, one after the other."""
    if len(parts) == 1:
        return parts[0]
    bases = np.cumsum([0, *(len(part.data) for part in parts)])
    valid = [np.ones(size_of(part), np.bool_) if part.valid is None else part.valid for part in parts]
    return Vector(
        np.concatenate([part.values for part in parts]),
        np.concatenate(valid),
        np.concatenate([part.starts + base for part, base in zip(parts, bases, strict=False)]),
        np.concatenate([part.ends + base for part, base in zip(parts, bases, strict=False)]),
        np.concatenate([part.data for part in parts]),
    )


def size_of(vector: Vector) -> int:
    """Return the number of values."""
    return max(len(vector.values), len(vector.starts))
