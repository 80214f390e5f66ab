"""Build numpy's objects from their state in a pickle, with public constructors that check it.

The `__setstate__` of numpy's own classes trusts its argument. A dtype with wrong flags would turn the file's bytes
into pointers, and a list shorter than its object array would be read beyond its end.
"""

import math
import re
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from function.model.joblib.constructors.tokens import Pending, Token, require

_PLAIN = re.compile(r"b1|[iu][1248]|f(2|4|8|16)|c(8|16|32)|O8|[SUV]\d{1,9}|[Mm]8", re.ASCII)
_UNIT = re.compile(r"[YMWDhms]|[munpfa]s", re.ASCII)
_MAX_FIELDS = 64
_MAX_SIDES, _MAX_SIDE = 64, 2**62
_ALIGNED = 0x80  # NPY_ALIGNED_STRUCT, numpy/ndarraytypes.h

_NDARRAY = Token("numpy", "ndarray")
_MASKED_ARRAY = Token("numpy.ma", "MaskedArray")
_FILL_VALUES = (str, int, float, np.generic, np.ndarray)
CLASSES = {_NDARRAY, _MASKED_ARRAY, Token("numpy", "memmap")}
"""The classes that a pickle passes to the constructors below."""


def begin_dtype(name: object, *_: object) -> Pending:
    """Begin `numpy.dtype(name, align, copy)`."""
    require(type(name) is str and _PLAIN.fullmatch(name), "has a data type that is not one of numpy's plain ones")
    return Pending(lambda state: _dtype(str(name), state))


def _dtype(name: str, state: Any) -> np.dtype[Any]:
    """State: (version, byte order, subarray, names, fields, size, alignment, flags[, metadata])."""
    _, order, subarray, names, fields, size, _, flags, *metadata = state
    require(subarray is None and type(order) is str, "has a data type of arrays")
    if names is not None:
        require(name.startswith("V"), "has a data type with fields that is not a record")
        return _record(names, fields, size, flags)
    if metadata:
        name += _unit(metadata)
    native = np.dtype("O" if name == "O8" else name)
    swapped = native.newbyteorder(order)
    return native if native == swapped else swapped


def _unit(metadata: Any) -> str:
    """Return the unit of dates, such as `[25s]`."""
    ((_, (unit, count, *_)),) = metadata
    unit = unit.decode("ascii")
    require(_UNIT.fullmatch(unit) and type(count) is int, "has dates of a unit that numpy does not know")
    return f"[{count}{unit}]"


def _record(names: Any, fields: Any, size: Any, flags: Any) -> np.dtype[Any]:
    """Fields: {name: (dtype, offset)}. The fields are plain numbers and texts, so records do not nest."""
    few = type(names) is tuple and len(names) <= _MAX_FIELDS
    require(
        few and all(type(name) is str for name in names),
        f"has a record of over {_MAX_FIELDS} fields, or with names that are not texts",
    )
    formats, offsets = zip(*(fields[name] for name in names), strict=True)
    for kind in formats:
        numeric = _is_dtype(kind) and not kind.hasobject and kind.names is None
        require(numeric, "has a record of more than numbers and texts")
    layout = {"names": names, "formats": formats, "offsets": offsets, "itemsize": size}
    record: np.dtype[Any] = np.dtype(cast("Any", {**layout, "aligned": bool(flags & _ALIGNED)}))
    return record


def _is_dtype(value: object) -> bool:
    # A placeholder (Token, Constructor, Pending) must not be inside an array.
    return isinstance(value, np.dtype)


def begin_array(kind: object, *_: object) -> Pending:
    """Begin `numpy._core.multiarray._reconstruct(ndarray, (0,), b"b")`."""
    require(kind == _NDARRAY, "has an array of another kind than numpy's")
    return Pending(lambda state: _array(*state[1:]))


def _array(shape: Any, dtype: Any, is_fortran: Any, content: Any) -> npt.NDArray[Any]:
    """Content: the array's bytes, or the list of its objects, of exactly the length that its shape requires."""
    count = items(shape)
    require(_is_dtype(dtype), "has an array without a data type")
    order: Literal["F", "C"] = "F" if is_fortran else "C"
    if dtype.hasobject:
        require(type(content) is list and len(content) == count, "has an array of another size than its shape")
        return np.fromiter(content, dtype=np.dtype(object), count=count).reshape(shape, order=order)
    require(
        type(content) is bytes and len(content) == count * dtype.itemsize, "has an array of another size than its shape"
    )
    return np.ndarray(shape, dtype, buffer=content, order=order).copy(order="K")


def items(shape: Any) -> int:
    """Return how many items an array of `shape` has, as a Python integer, which cannot overflow."""
    few = type(shape) is tuple and len(shape) <= _MAX_SIDES
    require(few and all(type(side) is int and 0 <= side < _MAX_SIDE for side in shape), "has an array without a shape")
    return math.prod(shape)


def begin_masked_array(kind: object, base: object, *_: object) -> Pending:
    """Begin `numpy.ma.core._mareconstruct(MaskedArray, ndarray, (0,), "b")`."""
    require(kind == _MASKED_ARRAY and base == _NDARRAY, "has an unsupported masked array")
    return Pending(_masked_array)


def _masked_array(state: Any) -> Any:
    """State: (version, shape, dtype, is_fortran, bytes or objects, bytes of the mask, fill value)."""
    _, shape, dtype, is_fortran, content, mask, fill_value = state
    require(_is_dtype(dtype) and dtype.names is None, "has a masked array of records")
    require(fill_value is None or isinstance(fill_value, _FILL_VALUES), "has an unsupported masked array")
    data = _array(shape, dtype, is_fortran, content)
    masked = _array(shape, np.dtype(bool), is_fortran, mask)
    return np.ma.MaskedArray(data, mask=masked, fill_value=fill_value)


def view_array(content: object, dtype: Any, shape: Any, order: object) -> npt.NDArray[Any]:
    """Replace `numpy._core.numeric._frombuffer`, which protocol 5 uses."""
    require(
        _is_dtype(dtype) and not dtype.hasobject and type(content) in (bytes, bytearray), "has an array without bytes"
    )
    require(order in ("C", "F"), "has an array of unknown order")
    return np.ndarray(shape, dtype, buffer=content, order=order)  # type: ignore[arg-type]


def make_scalar(dtype: Any, content: object) -> Any:
    """Replace `numpy._core.multiarray.scalar`."""
    require(_is_dtype(dtype) and not dtype.hasobject and dtype.names is None, "has a scalar that is not a plain one")
    require(type(content) is bytes and len(content) == dtype.itemsize, "has a scalar of another size than its type")
    return np.ndarray((), dtype, buffer=content)[()]  # type: ignore[arg-type]
