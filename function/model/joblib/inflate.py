"""Inflate a compressed joblib file, counting the bytes on the way."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from function.errors import Refused

_PIECE_BYTES = 2**20
_LZMA_MEMORY = 2**27
"""The maximum size of the LZMA dictionary, in bytes. The strongest preset needs half of it."""

_INFLATERS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x78", zlib.decompressobj),
    (b"\x1f\x8b", partial(zlib.decompressobj, zlib.MAX_WBITS | 16)),
    (b"BZ", bz2.BZ2Decompressor),
    (b"\x5d\x00", partial(lzma.LZMADecompressor, memlimit=_LZMA_MEMORY)),
    (b"\xfd7zXZ", partial(lzma.LZMADecompressor, memlimit=_LZMA_MEMORY)),
)
"""The first bytes of zlib, gzip, bz2, lzma and xz, which joblib checks too."""

_UNSUPPORTED = (
    (b"ZF", "was written by a joblib older than 0.10, which is not supported; write it with a newer one"),
    (b"\x04\x22\x4d\x18", "is compressed by lz4, which is not supported; use zlib, gzip, bz2, lzma or xz"),
)


def inflate(data: bytes, max_bytes: int) -> io.BytesIO:
    """Return the content of a joblib file, inflated if it is compressed.

    Raises:
        Refused: it inflates to more than `max_bytes`, is damaged, or has an unsupported compression.
    """
    for magic, reason in _UNSUPPORTED:
        if data.startswith(magic):
            raise Refused(f"the model file {reason}")
    for magic, inflater in _INFLATERS:
        if data.startswith(magic):
            return _inflate(inflater(), data, max_bytes)
    if len(data) > max_bytes:
        raise Refused(f"the model file holds more than {max_bytes} bytes")
    return io.BytesIO(data)


def _inflate(inflater: Any, data: bytes, max_bytes: int) -> io.BytesIO:
    """Inflate piece by piece into one buffer, so that nothing is in memory twice."""
    content = io.BytesIO()
    try:
        for piece in _pieces(inflater, data):
            if content.tell() + len(piece) > max_bytes:
                raise Refused(f"the model file holds more than {max_bytes} bytes")
            content.write(piece)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise Refused(f"the model file is not whole: its compression is damaged ({type(error).__name__})") from error
    if not inflater.eof:
        raise Refused("the model file is not whole: its end is missing")
    content.seek(0)
    return content


def _pieces(inflater: Any, data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _PIECE_BYTES):
        rest, piece = data[start : start + _PIECE_BYTES], b""
        while rest or len(piece) == _PIECE_BYTES:
            piece = inflater.decompress(rest, _PIECE_BYTES)
            # zlib returns the input that it has not used yet; the others keep it.
            rest = getattr(inflater, "unconsumed_tail", b"")
            yield piece
            if inflater.eof:
                return
