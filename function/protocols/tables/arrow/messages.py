"""Split an Arrow IPC stream into its messages, within bounds that are checked before anything is read."""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from flatbuffers import number_types as number

from function.errors import BadInput, Fault
from function.protocols.tables.arrow.metadata import (
    DAMAGED,
    DICTIONARY_BATCH,
    ERRORS,
    RECORD_BATCH,
    SCHEMA,
    Batch,
    Field,
    Node,
    read_batch,
    read_schema,
)

CONTINUATION = 0xFFFFFFFF
PREFIX = struct.Struct("<II")
MAX_MESSAGES = 1000
"""How many batches and dictionaries a stream may have."""
MAX_KEPT_BYTES = 2**16
"""The schemas of the last streams are kept, which callers send again and again, up to this size each."""
TOO_MANY = Fault((), "arrow_invalid", f"The stream has more than {MAX_MESSAGES:,} batches. Write larger batches.")
COMPRESSED = Fault(
    (),
    "arrow_compressed",
    "The buffers of the stream are compressed, which is not supported. Write it without compression, and compress the "
    "whole body by Content-Encoding: gzip if needed.",
)
TWO_SCHEMAS = Fault((), "arrow_invalid", "The stream has a second schema.")
NO_SCHEMA = Fault((), "arrow_invalid", "The stream does not begin with a schema.")
CUT = Fault((), "arrow_invalid", "The stream ends within a message.")
FILE = Fault((), "arrow_invalid", "The body is an Arrow file (Feather). Send Arrow's IPC stream format.")
MAGIC = b"ARROW1"


class Part(NamedTuple):
    """A batch of rows or of a dictionary's values, with the bytes of its buffers."""

    batch: Batch
    body: memoryview


class Stream(NamedTuple):
    """The columns of a stream, and its batches in order."""

    fields: Sequence[Field]
    parts: list[Part]


def read_stream(content: bytes) -> Stream:
    """Read the messages of a stream.

    Raises:
        BadInput: the stream is damaged, compressed, or has too many messages.
    """
    if content.startswith(MAGIC):
        raise BadInput(FILE)
    try:
        return _read(content)
    except ERRORS:
        raise BadInput(DAMAGED) from None


def _read(content: bytes) -> Stream:
    fields: Sequence[Field] | None = None
    parts: list[Part] = []
    for metadata, body in _messages(content):
        root = Node.root(metadata)
        kind, header = root.value(1, number.Uint8Flags), root.child(2)
        if header is None or (fields is None) != (kind == SCHEMA):
            raise BadInput(NO_SCHEMA if fields is None else TWO_SCHEMAS if kind == SCHEMA else DAMAGED)
        if kind == SCHEMA:
            fields = _kept_schema(metadata) if len(metadata) <= MAX_KEPT_BYTES else read_schema(header)
        elif kind in (RECORD_BATCH, DICTIONARY_BATCH):
            parts.append(Part(read_batch(header, kind), body))
            if len(parts) > MAX_MESSAGES:
                raise BadInput(TOO_MANY)
            if parts[-1].batch.compressed:
                raise BadInput(COMPRESSED)
        else:
            raise BadInput(DAMAGED)
    if fields is None:
        raise BadInput(NO_SCHEMA)
    return Stream(fields, parts)


@lru_cache(maxsize=16)
def _kept_schema(metadata: bytes) -> tuple[Field, ...]:
    header = Node.root(metadata).child(2)
    assert header is not None  # noqa: S101 (checked before)
    return read_schema(header)


def _messages(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the metadata and the body of each message, up to the marker of the end or the end of the content."""
    view, at = memoryview(content), 0
    while at < len(content):
        continuation, size = PREFIX.unpack_from(content, at)
        if continuation != CONTINUATION:
            raise BadInput(DAMAGED if at else NO_SCHEMA)
        at += PREFIX.size
        if size == 0:
            return
        if size > len(content) - at:
            raise BadInput(CUT)
        metadata = content[at : at + size]
        at += size
        length = Node.root(metadata).value(3, number.Int64Flags)
        if not 0 <= length <= len(content) - at:
            raise BadInput(CUT)
        yield metadata, view[at : at + length]
        at += length
