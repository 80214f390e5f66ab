"""Turn the indexes and texts of pandas that constructor parameters hold into numpy arrays.

Nothing of pandas or Arrow is called: the offsets in the file are checked here, and what is built is a plain array.
Predictions never need pandas' own objects, because fitted attributes are numpy's.
"""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from function.model.joblib.constructors.soundness import within
from function.model.joblib.constructors.tokens import Pending, Token, require

_MAX_RANGE = 10_000
"""The maximum length of a range of integers, which a file of any size could ask for."""
_TEXT_BYTES = 16
"""Approximate bytes of texts, for each byte of their offsets."""
_OFFSETS: dict[object, Any] = {"string": np.dtype("<i4"), "large_string": np.dtype("<i8")}
"""The offsets of Arrow's arrays of text, by the alias of their type (Arrow columnar format, variable-size binary)."""

_INDEXES = {
    *(Token("pandas", name) for name in ("Index", "RangeIndex")),
    *(Token("pandas.core.indexes.numeric", name) for name in ("Int64Index", "UInt64Index", "Float64Index")),
    Token("pandas.core.indexes.base", "Index"),
    Token("pandas.core.indexes.range", "RangeIndex"),
}
_ARROW_TEXTS = {
    Token(module, name)
    for module in ("pandas.arrays", "pandas.core.arrays.string_arrow")
    for name in ("ArrowStringArray", "ArrowStringArrayNumpySemantics")
}
_OBJECT_TEXTS = {
    Token(module, name)
    for module in ("pandas.arrays", "pandas.core.arrays.string_")
    for name in ("StringArray", "StringArrayNumpySemantics")
}
CLASSES = _INDEXES | _ARROW_TEXTS | _OBJECT_TEXTS
"""The classes that a pickle passes to the constructors below, or makes objects of."""


def begin_object(kind: Any) -> Pending | None:
    """Begin an object that a pickle makes without a call; None if its class is not one of pandas'."""
    return Pending(_arrow_texts) if isinstance(kind, Token) and kind in _ARROW_TEXTS else None


def make_index(kind: object, data: Any) -> npt.NDArray[Any]:
    """Replace `pandas.core.indexes.base._new_Index(class, {"data": array} or {"start", "stop", "step"})`."""
    require(kind in _INDEXES and type(data) is dict, "has an index of another kind than pandas'")
    return _one_dimensional(data["data"]) if "data" in data else np.array(_range(data))


def _range(data: Any) -> range:
    bounds = [data["start"], data["stop"], data["step"]]
    require(all(type(bound) is int for bound in bounds) and bounds[2] != 0, "has an index without bounds")
    made = range(*bounds)
    # The length of a range may overflow; its items do not.
    require(abs(bounds[1] - bounds[0]) <= abs(bounds[2]) * _MAX_RANGE, f"has an index of over {_MAX_RANGE} integers")
    return made


def index_size(arguments: Any) -> int:
    """Return the approximate bytes that `make_index` makes."""
    _, data = arguments
    return 0 if "data" in data else 8 * len(_range(data))


def make_text_type(*_: object) -> None:
    """Replace `pandas.StringDtype`: arrays of this type become arrays of objects."""


def begin_backed_array(kind: object, *_: object) -> Pending:
    """Begin `pandas._libs.arrays.__pyx_unpickle_NDArrayBacked(class, checksum, None)`."""
    require(kind in _OBJECT_TEXTS, "has an unsupported array of pandas")
    return Pending(_object_texts)


def _object_texts(state: Any) -> npt.NDArray[Any]:
    """State: (type, array of texts, attributes); the order differs between versions."""
    (array,) = (part for part in state if isinstance(part, np.ndarray))
    return _one_dimensional(array)


def _arrow_texts(state: Any) -> npt.NDArray[Any]:
    """State: {"_pa_array": array, ...}, or "_data" in older versions."""
    return _one_dimensional(state["_pa_array"] if "_pa_array" in state else state["_data"])


def _one_dimensional(array: Any) -> npt.NDArray[Any]:
    require(type(array) is np.ndarray and array.ndim == 1, "has an index that is not a list of values")
    return array  # type: ignore[no-any-return]


def make_type(alias: object) -> str:
    """Replace `pyarrow.lib.type_for_alias`."""
    require(type(alias) is str and alias in _OFFSETS, "has an array of Arrow that is not one of texts")
    return str(alias)


def make_buffer(content: Any) -> bytes:
    """Replace `pyarrow.lib.py_buffer`."""
    require(type(content) in (bytes, bytearray), "has a buffer without bytes")
    return bytes(content)


def make_arrow_texts(data: Any) -> npt.NDArray[Any]:
    """Replace `pyarrow.lib._restore_array((type, length, nulls, offset, buffers, children, dictionary))`."""
    alias, length, _, offset, (mask, offsets, content), children, dictionary = data
    dtype = _OFFSETS.get(alias) if type(alias) is str else None
    require(dtype is not None and not children and dictionary is None, "has an array of Arrow that is not one of texts")
    require(type(length) is type(offset) is int and min(length, offset) >= 0, "has an array of Arrow of no size")
    if length == 0:
        return np.empty(0, dtype=object)
    require(all(part is None or type(part) is bytes for part in (mask, offsets, content)), "has a buffer without bytes")
    ends, last, text = _integers(offsets or b"", dtype), offset + length, content or b""
    large = last < len(ends) and _grow(ends, len(text)) and (mask is None or last <= 8 * len(mask))
    require(large, "has an array of Arrow that is larger than its texts")
    pairs = enumerate(itertools.pairwise(ends[offset : last + 1].tolist()), offset)
    values = [text[start:end].decode() if _is_present(mask, place) else np.nan for place, (start, end) in pairs]
    return np.array(values, dtype=object)


def _integers(buffer: bytes, dtype: Any) -> npt.NDArray[Any]:
    return np.frombuffer(buffer, dtype, count=len(buffer) // dtype.itemsize)


def _grow(ends: npt.NDArray[Any], size: int) -> bool:
    """Return whether offsets never decrease and stay within the text."""
    return within(ends, size + 1) and bool(np.all(ends[1:] >= ends[:-1]))


def _is_present(mask: bytes | None, place: int) -> bool:
    return mask is None or bool(mask[place // 8] >> place % 8 & 1)


def arrow_size(arguments: Any) -> int:
    """Return the approximate bytes that `make_arrow_texts` makes."""
    return _TEXT_BYTES * sum(len(buffer) for buffer in arguments[0][4] if type(buffer) is bytes)


def make_chunked_array(chunks: Any, *_: object) -> npt.NDArray[Any]:
    """Replace `pyarrow.lib.chunked_array(chunks, type)`."""
    return np.concatenate([np.empty(0, dtype=object), *map(_one_dimensional, chunks)])


def chunks_size(arguments: Any) -> int:
    """Return the bytes that `make_chunked_array` makes."""
    return sum(_one_dimensional(chunk).nbytes for chunk in arguments[0])
