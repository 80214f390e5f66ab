"""Change bytes and JSON at random, from a seed, so that a failure can be repeated."""

import json
import os
import random
import time
from collections.abc import Iterator
from typing import Any

from tests.support.function_process import ROOT

EXAMPLES = 300
"""How many each test tries at least."""
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
"""How long each test tries at least."""
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 1e308, -1e308, 5e-324, 0.1, 1e400),
    *("", "UA", "\x00", "\ud800", "é" * 50, "NaN", "1", "true", "[]", "{}", "a" * 5000),
    *([], {}, [[]], [{}], {"": {}}, [None], [0] * 37, [[0] * 37], ["x"] * 100),
)
TOKENS = (
    b"NaN",
    b"Infinity",
    b"-0",
    b"1e999",
    b"\xff",
    b"\x00",
    b"[[",
    b"}}",
    b'"',
    b",",
    b"\\u0000",
    b"\\ud800",
    b"[" * 999,
)


def numbers() -> Iterator[int]:
    """Count the tries of one test: `EXAMPLES`, and more until `SECONDS` are over."""
    start, number = time.monotonic(), 0
    while number < EXAMPLES or time.monotonic() < start + SECONDS:
        yield number
        number += 1


def report(text: str) -> None:
    """Add a line to build/fuzz.txt, if the tests run for a time."""
    if SECONDS:
        path = ROOT / "build/fuzz.txt"
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"{text}\n")


def mutated_bytes(data: bytes, dice: random.Random) -> bytes:
    """Flip, insert, delete, repeat or cut a few bytes."""
    content = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(content) + 1)
        length = dice.choice((1, 1, 2, 4, 8, 64))
        match dice.randrange(5):
            case 0 if at < len(content):
                content[at] ^= 1 << dice.randrange(8)
            case 1:
                content[at:at] = dice.choice((*TOKENS, dice.randbytes(length)))
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case _:
                if dice.random() < 0.2:
                    del content[at:]
    return bytes(content)


def mutated_json(value: Any, dice: random.Random, values: tuple[Any, ...] = VALUES) -> Any:
    """Replace, remove, add or repeat something anywhere in a document."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        return _mutated_object(value, dice, values)
    if isinstance(value, list) and value and dice.random() < 0.85:
        return _mutated_array(value, dice, values)
    return dice.choice(values)


def _mutated_object(value: dict[str, Any], dice: random.Random, values: tuple[Any, ...]) -> dict[str, Any]:
    name = dice.choice(list(value))
    match dice.randrange(8):
        case 0:
            return {key: item for key, item in value.items() if key != name}
        case 1:
            return {**value, dice.choice(("more", "", "instances", name.upper())): dice.choice(values)}
        case _:
            return {**value, name: mutated_json(value[name], dice, values)}


def _mutated_array(value: list[Any], dice: random.Random, values: tuple[Any, ...]) -> list[Any]:
    at = dice.randrange(len(value))
    match dice.randrange(8):
        case 0:
            return value[:at] + value[at + 1 :]
        case 1:
            return value * dice.choice((0, 2, 30))
        case _:
            return [*value[:at], mutated_json(value[at], dice, values), *value[at + 1 :]]


def encoded(value: Any) -> bytes:
    """Write JSON as Python does, with its NaN and lone surrogates."""
    return json.dumps(value).encode(errors="surrogatepass")
