"""Requests with binary tensors, damaged in one way each, from a seed: none of them is valid any more."""

import gzip
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.support.binary_tensors import HEADER, with_tensors, written
from tests.support.flights import FLIGHT

ROWS = 5
DATATYPES = {"carrier": "BYTES", "month": "INT64", "origin": "BYTES", "period": "BYTES"}
OTHERS = ("BOOL", "INT8", "INT16", "INT32", "UINT8", "UINT16", "UINT32", "FP16", "BF16", "FP32")


class Damaged(NamedTuple):
    """A request, and what its error has to contain."""

    kind: str
    body: bytes
    headers: dict[str, str]
    place: str


class Parts(NamedTuple):
    """A valid request in parts, to damage."""

    inputs: list[dict[str, Any]]
    data: list[bytes]

    def sent(self) -> tuple[bytes, dict[str, str]]:
        """Put them together."""
        return with_tensors({"inputs": self.inputs}, *self.data)


def parts() -> Parts:
    """Write some flights."""
    data = [written([value] * ROWS, DATATYPES[name]) for name, value in FLIGHT.items()]
    inputs = [
        {"name": name, "shape": [ROWS], "datatype": DATATYPES[name], "parameters": {"binary_data_size": len(each)}}
        for name, each in zip(FLIGHT, data, strict=True)
    ]
    return Parts(inputs, data)


def damaged(number: int, seed: int = 0) -> Iterator[Damaged]:
    """Damage so many requests, each kind in turn."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    kinds = list(KINDS.items())
    for i in range(number):
        kind, damage = kinds[i % len(kinds)]
        body, headers, place = damage(parts(), dice)
        yield Damaged(kind, body, headers, place)


Damage = Callable[[Parts, random.Random], tuple[bytes, dict[str, str], str]]


def _header(value: Callable[[int, int, random.Random], str]) -> Damage:
    def damage(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
        body, headers = good.sent()
        return body, {HEADER: value(int(headers[HEADER]), len(body), dice)}, HEADER

    return damage


def _no_header(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    return good.sent()[0], {"Content-Type": dice.choice(["application/octet-stream", "application/json"])}, HEADER


def _size(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Declare another size, while the bytes stay."""
    i = dice.randrange(4)
    size = good.inputs[i]["parameters"]["binary_data_size"]
    others = [
        size - 1,
        size + 1,
        size + 8,
        0,
        -size,
        2**31,
        2**32,
        2**63,
        10**30,
        dice.randrange(size),
        "12",
        7.5,
        None,
    ]
    good.inputs[i]["parameters"] = {"binary_data_size": dice.choice(others)}
    return *good.sent(), ""


def _shape(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    i = dice.randrange(4)
    shapes = [[ROWS + 1], [ROWS - 1], [0], [2**62], [10**30, 10**30], [ROWS, 2], [ROWS, 0], [], [1, 1, 1], [-1], [2.5]]
    good.inputs[i]["shape"] = dice.choice(shapes)
    return *good.sent(), "inputs"


def _datatype(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    i = dice.randrange(4)
    good.inputs[i]["datatype"] = dice.choice([*OTHERS, "INT", "", None])
    return *good.sent(), "inputs"


def _cut(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    body, headers = good.sent()
    return body[: -dice.randrange(1, sum(map(len, good.data)))], headers, "inputs["


def _longer(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    body, headers = good.sent()
    return body + dice.randbytes(dice.randrange(1, 50)), headers, "after the last tensor"


def _length(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Change the length before one text."""
    i, row = dice.choice([0, 2, 3]), dice.randrange(ROWS)
    (right,) = struct.unpack_from("<I", good.data[i])
    lengths = [right - 1, right + 1, 2**32 - 1, 2**31, 2**24, dice.randrange(100, 2**32)]
    at = row * (4 + right)
    good.data[i] = good.data[i][:at] + struct.pack("<I", dice.choice(lengths)) + good.data[i][at + 4 :]
    return *good.sent(), "inputs"


def _text(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Put bytes that are no UTF-8, or no category, into one text."""
    i, row = dice.choice([0, 2, 3]), dice.randrange(ROWS)
    name = good.inputs[i]["name"]
    values: list[Any] = [FLIGHT[name]] * ROWS
    values[row] = dice.choice(
        [b"\xff", b"\xc3", b"\xed\xa0\x80", b"", b"ZZ", b"UA\x00", b"\x00" * 9, dice.randbytes(70)]
    )
    good.data[i] = written(values, "BYTES")
    good.inputs[i]["parameters"]["binary_data_size"] = len(good.data[i])
    return *good.sent(), f"inputs.{name}[{row}]: expected"


def _number(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Put a number that is no category among the months, in one of the datatypes."""
    row, datatype = dice.randrange(ROWS), dice.choice(["INT8", "INT64", "FP16", "FP32", "FP64"])
    floats = [float("nan"), float("inf"), -float("inf"), 7.5, 13.0, -1.0] if datatype.startswith("FP") else [0, 13, -7]
    values: list[Any] = [7] * ROWS
    values[row] = dice.choice(floats)
    good.data[1] = written(values, datatype)
    good.inputs[1] |= {"datatype": datatype, "parameters": {"binary_data_size": len(good.data[1])}}
    return *good.sent(), f"inputs.month[{row}]: expected one of 1, 2, 3"


def _boolean(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    row = dice.randrange(ROWS)
    flags = bytearray(ROWS)
    flags[row] = dice.randrange(2, 256)
    good.data[1] = bytes(flags)
    good.inputs[1] |= {"datatype": "BOOL", "parameters": {"binary_data_size": ROWS}}
    return *good.sent(), f"inputs[1][{row}]: expected a byte of 0 or 1"


def _both(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    i = dice.randrange(4)
    good.inputs[i]["data"] = dice.choice([[], [FLIGHT[good.inputs[i]["name"]]] * ROWS])
    return *good.sent(), f"inputs[{i}].data: expected either"


def _neither(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    i = dice.randrange(4)
    good.inputs[i]["parameters"] = dice.choice([None, {}, {"shared_memory_region": "x"}])
    return *good.sent(), f"inputs[{i}].data: missing"


def _order(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Send the bytes in another order than the inputs."""
    shuffled = good.data[:]
    while shuffled == good.data:
        dice.shuffle(shuffled)
    return *Parts(good.inputs, shuffled).sent(), "inputs"


def _json(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Break the JSON."""
    body, headers = good.sent()
    end = int(headers[HEADER])
    head = bytearray(body[:end])
    head[dice.choice([0, end - 1])] = dice.choice(b" x[\x00\xff")
    return bytes(head) + body[end:], headers, ""


def _outputs(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    wrong = dice.choice([{"binary_data": "yes"}, {"binary_data": 1}, {"binary_data": None}])
    head = {"inputs": good.inputs, "outputs": [{"name": "predict", "parameters": wrong}]}
    return *with_tensors(head, *good.data), "outputs[0].parameters.binary_data: expected true or false"


def _gzip(good: Parts, dice: random.Random) -> tuple[bytes, dict[str, str], str]:
    """Compress, and damage that."""
    body, headers = good.sent()
    packed = gzip.compress(body)
    return packed[: dice.randrange(20, len(packed) - 1)], {**headers, "Content-Encoding": "gzip"}, "gzip"


KINDS: dict[str, Damage] = {
    "header missing": _no_header,
    "header not a number": _header(
        lambda right, size, dice: dice.choice(["", "x", "-1", "+5", "1e3", "0x10", "12.0", "5, 5", " ", "1_0", "¹"])
    ),
    "header larger than the body": _header(
        lambda right, size, dice: str(dice.choice([size + 1, size * 2, 2**31, 2**63, 10**30, 10**4000]))
    ),
    "header off": _header(
        lambda right, size, dice: str(dice.choice([right - 1, right + 1, 1, 2, size, dice.randrange(1, right)]))
    ),
    "raw for a model of several inputs": lambda good, dice: (
        b"".join(good.data),
        {HEADER: dice.choice(["0", "00"])},
        "with one input",
    ),
    "size": _size,
    "shape": _shape,
    "datatype": _datatype,
    "cut": _cut,
    "longer": _longer,
    "length of a text": _length,
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "data and bytes": _both,
    "neither": _neither,
    "order": _order,
    "JSON": _json,
    "outputs": _outputs,
    "gzip": _gzip,
}
