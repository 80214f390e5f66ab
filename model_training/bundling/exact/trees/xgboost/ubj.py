"""Universal Binary JSON (ubjson.org, draft 12), as XGBoost writes it, to what its JSON would be."""

from typing import Any

import numpy as np

NUMBERS = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
LENGTHS = frozenset("iUIlL")
CONSTANTS = {"T": True, "F": False, "Z": None}


def load_ubj(data: bytes) -> Any:
    """Decode a value that fills the bytes.

    Raises:
        ValueError: it is malformed.
        IndexError: it ends too early.
    """
    value, end = _value(data, 1, chr(data[0]))
    if end != len(data):
        raise ValueError("bytes after the end")
    return value


def _value(data: bytes, at: int, kind: str) -> tuple[Any, int]:
    if kind in NUMBERS:
        return _number(data, at, kind)
    if kind == "S":
        return _text(data, at)
    if kind in CONSTANTS:
        return CONSTANTS[kind], at
    if kind == "[":
        return _array(data, at)
    if kind == "{":
        return _object(data, at)
    raise ValueError(f"the mark {kind!r}")


def _number(data: bytes, at: int, kind: str) -> tuple[Any, int]:
    dtype = np.dtype(NUMBERS[kind])
    return np.frombuffer(data, dtype, 1, at)[0].item(), at + dtype.itemsize


def _length(data: bytes, at: int) -> tuple[int, int]:
    kind = chr(data[at])
    if kind not in LENGTHS:
        raise ValueError(f"a length of the kind {kind!r}")
    length, end = _number(data, at + 1, kind)
    if not 0 <= length <= len(data) - end:
        raise ValueError("a length beyond the end")
    return length, end


def _text(data: bytes, at: int) -> tuple[str, int]:
    size, at = _length(data, at)
    return data[at : at + size].decode(), at + size


def _object(data: bytes, at: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while data[at] != ord("}"):
        key, at = _text(data, at)
        found[key], at = _value(data, at + 1, chr(data[at]))
    return found, at + 1


def _array(data: bytes, at: int) -> tuple[list[Any], int]:
    if data[at : at + 1] == b"$":
        return _typed(data, at)
    count = None
    if data[at : at + 1] == b"#":
        count, at = _length(data, at + 1)
    found: list[Any] = []
    while (len(found) < count) if count is not None else data[at] != ord("]"):
        value, at = _value(data, at + 1, chr(data[at]))
        found.append(value)
    return found, at + (count is None)


def _typed(data: bytes, at: int) -> tuple[list[Any], int]:
    """Decode an array whose numbers are all of one type, which stands before it."""
    if data[at + 2] != ord("#"):
        raise ValueError("an array with a type and without a length")
    dtype = np.dtype(NUMBERS[chr(data[at + 1])])
    size, at = _length(data, at + 3)
    if not size:
        return [], at
    return np.frombuffer(data, dtype, size, at).tolist(), at + size * dtype.itemsize
