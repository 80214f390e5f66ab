"""Tensors as bytes after the JSON of a body: the extension `binary_tensor_data`.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension

Values are little-endian, row by row, without padding; a text is its length in 4 bytes and its bytes.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType

from function.errors import BadInput, Fault
from function.model.faults import Place
from function.model.texts import Texts
from function.model.typed_columns import Values
from function.protocols.open_inference import HEADER, Datatype
from function.protocols.open_inference.structs import Input, Tensor, place_of

DTYPES: Mapping[Datatype, str] = {
    "BOOL": "u1",
    "INT8": "i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "UINT8": "u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "FP16": "<f2",
    "BF16": "<u2",
    "FP32": "<f4",
    "FP64": "<f8",
}
"""How the values of fixed size are stored; BF16 is the upper half of FP32."""
PREFIX = 4
"""The bytes of a text's length."""
NO_HEADER = Fault(
    (),
    "header",
    f"A body with binary tensors needs the header {HEADER}: the length of its JSON, behind which they begin.",
)
BAD_HEADER = Fault((), "header", f"The header {HEADER} must be the length of the JSON in bytes; 0 if there is none.")
BEYOND = Fault((), "header", f"The header {HEADER} must not exceed the length of the body.")
NOT_JSON = Fault((), "json_invalid", f"As many bytes of the body as {HEADER} says are not valid JSON.")


def length_of_json(header: bytes, body: bytes) -> int:
    """Return the length of the JSON at the start of a body.

    Raises:
        BadInput: the header is no number, or larger than the body.
    """
    if not header.strip().isdigit():
        raise BadInput(BAD_HEADER)
    digits = header.strip().lstrip(b"0") or b"0"
    if len(digits) > len(str(len(body))) or int(digits) > len(body):  # Python refuses to read thousands of digits.
        raise BadInput(BEYOND)
    return int(digits)


def read_inputs(tensors: Sequence[Tensor], rest: bytes | None) -> list[Input]:
    """Give each tensor its values: those of the JSON, or its bytes, in order; None for a request without the header.

    Raises:
        BadInput: a tensor has no values or both kinds, or its bytes do not match its shape.
    """
    inputs = [Input(t.name, t.shape, t.datatype, t.data) for t in tensors if t.data is not UNSET and not t.parameters]
    if rest is None and len(inputs) == len(tensors):  # The usual request, in half the time.
        return inputs
    inputs, start = [], 0
    for i, tensor in enumerate(tensors):
        size = tensor.parameters.binary_data_size if tensor.parameters else UNSET
        if isinstance(size, UnsetType):
            if isinstance(tensor.data, UnsetType):
                raise _invalid(i, "data", "missing; expected an array, or parameters.binary_data_size", "missing")
            inputs.append(Input(tensor.name, tensor.shape, tensor.datatype, tensor.data))
            continue
        _check_size(tensor, i, size, None if rest is None else len(rest) - start)
        assert rest is not None  # noqa: S101 (checked before)
        values = read_values(rest[start : start + size], tensor.shape, tensor.datatype, ("inputs", i))
        inputs.append(Input(tensor.name, tensor.shape, tensor.datatype, values))
        start += size
    if rest is not None and start < len(rest):
        extra = len(rest) - start
        raise BadInput(Fault((), "length", f"The body has {extra:,} bytes after the last tensor; none may follow it."))
    return inputs


def _check_size(tensor: Tensor, i: int, size: int, left: int | None) -> None:
    """Compare the declared size with the datatype, the shape and what is left of the body."""
    if isinstance(tensor.data, list):
        raise _invalid(i, "data", "expected either data or parameters.binary_data_size, not both")
    place, count = "parameters.binary_data_size", math.prod(tensor.shape)
    if left is None:
        raise BadInput(NO_HEADER)
    if size > left:
        raise _invalid(i, place, f"expected at most {left:,}, which is what is left of the body")
    least = count * (np.dtype(DTYPES[tensor.datatype]).itemsize if tensor.datatype in DTYPES else PREFIX)
    if least > left:
        raise _invalid(i, "shape", "data of this shape and datatype is longer than what is left of the body")
    if size < least or (size > least and tensor.datatype in DTYPES):
        more = "" if tensor.datatype in DTYPES else " or more"
        raise _invalid(i, place, f"expected {least:,}{more}, the bytes of data of this shape and datatype")


def read_values(data: bytes, shape: Sequence[int], datatype: Datatype, place: Place) -> Values:
    """Read the values of a tensor at a place, in as many bytes as the shape and the datatype say.

    Raises:
        BadInput: a byte of a BOOL is not 0 or 1, or the lengths of texts do not add up.
    """
    width = (*shape, 1)[1]
    if datatype == "BYTES":
        return _read_texts(data, math.prod(shape), width, place)
    values: npt.NDArray[Any] = np.frombuffer(data, DTYPES[datatype])
    if datatype == "BF16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    if datatype != "BOOL":
        return values
    if (wrong := values > 1).any():
        raise BadInput(Fault(place_of(int(wrong.argmax()), width, place), "value", "expected a byte of 0 or 1"))
    return values.astype(bool)


def _read_texts(data: bytes, count: int, width: int, place: Place) -> Texts:
    starts = _likely_starts(data, count)
    if starts is None:
        starts = _followed_starts(data, count, width, place)
    return Texts(data, starts + PREFIX, np.diff(starts, append=len(data)) - PREFIX)


def _likely_starts(data: bytes, count: int) -> npt.NDArray[np.intp] | None:
    """Find where each text's length is: at a byte that three zeros follow, if no text is long, empty or contains zeros.

    Each length has to lead to the next, so the result is right, or None.
    """
    octets = np.frombuffer(data, np.uint8)
    zero = octets == 0
    starts = np.flatnonzero(zero[1:-2] & zero[2:-1] & zero[3:])
    if not count or len(starts) != count or starts[0] != 0:
        return None
    ends = starts + PREFIX + octets[starts]
    return starts if ends[-1] == len(data) and (ends[:-1] == starts[1:]).all() else None


def _followed_starts(data: bytes, count: int, width: int, place: Place) -> npt.NDArray[np.intp]:
    """Find where each text's length is by following them, one after the other."""
    starts, at = [], 0
    for i in range(count):
        end = at + PREFIX + int.from_bytes(data[at : at + PREFIX], "little")
        if at + PREFIX > len(data) or end > len(data):
            msg = f"expected a length of {PREFIX} bytes, and as many bytes; the tensor's data ends before"
            raise BadInput(Fault(place_of(i, width, place), "length", msg))
        starts.append(at)
        at = end
    if at < len(data):
        msg = f"expected {count:,} texts, as the shape says; {len(data) - at:,} bytes follow them"
        raise BadInput(Fault((*place, "parameters", "binary_data_size"), "length", msg))
    return np.array(starts, np.intp)


def shape_of(data: bytes, width: int, datatype: Datatype) -> list[int]:
    """Return the shape, [n, width], of as many rows as the data of a raw tensor are.

    Raises:
        BadInput: the data end within a row.
    """
    size = width * np.dtype(DTYPES[datatype]).itemsize
    rows, more = divmod(len(data), size)
    if more:
        raise BadInput(
            Fault((), "length", f"The length of the body is not a multiple of {size:,} bytes, which is a row.")
        )
    return [rows, width]


def one_text(data: bytes) -> Texts:
    """Return a single text, which has no length before it."""
    return Texts(data, np.zeros(1, np.intp), np.array([len(data)]))


def write_values(values: npt.NDArray[Any], datatype: Datatype) -> bytes:
    """Write the values of an output tensor, row by row."""
    if datatype != "BYTES":
        return values.astype(DTYPES[datatype]).tobytes()
    texts = values.reshape(-1).tolist()
    written = {text: _with_length(text.encode()) for text in set(texts)}
    return b"".join(map(written.__getitem__, texts))


def _with_length(data: bytes) -> bytes:
    return len(data).to_bytes(PREFIX, "little") + data


def _invalid(i: int, field: str, msg: str, kind: str = "value") -> BadInput:
    return BadInput(Fault(("inputs", i, *field.split(".")), kind, msg))
