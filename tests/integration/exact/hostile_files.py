"""Damage the files of boosters at random, as a broken disk or an attacker might."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from model_training.bundling.exact.boosters.libraries import saved
from model_training.bundling.exact.trees.native_file import NativeFile
from tests.integration.exact.boosters import BOOSTERS, TREES

NUMBERS: tuple[Any, ...] = (0, -1, 1, 2**31, 2**63, -(2**31), 10**9, 1e308, float("nan"), float("inf"), 0.5)
STRANGE: tuple[Any, ...] = (*NUMBERS, None, True, "", "x", "1e400", [], {}, [[]], [0] * 50)


def native_files(trees: int = TREES) -> dict[str, tuple[str, bytes]]:
    """Return a file of each format, with so many rounds of trees: the library and its bytes."""
    xgboost = BOOSTERS["xgboost: categories, sets"].fitted(n_estimators=trees).get_booster()
    lightgbm = BOOSTERS["lightgbm: categories"].fitted(n_estimators=trees).booster_
    catboost = BOOSTERS["catboost: Lossguide, classes"].fitted(iterations=trees)
    symmetric = BOOSTERS["catboost: MultiClass"].fitted(iterations=trees)
    with TemporaryDirectory() as folder:
        lightgbm.save_model(Path(folder) / "model.txt")
        text = (Path(folder) / "model.txt").read_bytes()
    return {
        "xgboost.ubj": ("xgboost", bytes(xgboost.save_raw("ubj"))),
        "xgboost.json": ("xgboost", bytes(xgboost.save_raw("json"))),
        "lightgbm.txt": ("lightgbm", text),
        "catboost.json": ("catboost", saved(catboost)),
        "symmetric.json": ("catboost", saved(symmetric)),
        "catboost.cbm": ("catboost", saved(symmetric, format="cbm")),
    }


def damaged(data: bytes, rng: np.random.Generator, number: int) -> Iterator[bytes]:
    """Change bytes, cut, repeat, and in JSON and text change single values."""
    makers = [_bytes, _cut, _repeated, _digits]
    if data[:1] == b"{" and data[1:2] in b'"\n':
        makers += [_value] * 2
    for _ in range(number):
        yield makers[rng.integers(len(makers))](data, rng)


def read(library: str, data: bytes) -> None:
    """Read a file.

    Raises:
        Refused: it is damaged.
    """
    NativeFile(library, data).read()


def _bytes(data: bytes, rng: np.random.Generator) -> bytes:
    found = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        found[rng.integers(len(found))] = rng.integers(256)
    return bytes(found)


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    first, last = sorted(rng.integers(len(data), size=2).tolist())
    return data[:first] + (data[last:] if rng.random() < 0.5 else b"")


def _repeated(data: bytes, rng: np.random.Generator) -> bytes:
    first, last = sorted(rng.integers(len(data), size=2).tolist())
    return data[:last] + data[first:last] + data[last:]


def _digits(data: bytes, rng: np.random.Generator) -> bytes:
    """Replace a digit with other text that may stand in a number."""
    places = np.flatnonzero(np.isin(np.frombuffer(data, np.uint8), np.frombuffer(b"0123456789", np.uint8)))
    place = int(rng.choice(places))
    other = (b"-1", b"9999999999", b"1e999", b"nan", b"", b" ", b"-", b"0")[rng.integers(8)]
    return data[:place] + other + data[place + 1 :]


def _value(data: bytes, rng: np.random.Generator) -> bytes:
    """Replace a value of JSON, at any depth, or remove it."""
    document: Any = json.loads(data)
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = keys[rng.integers(len(keys))]
        if isinstance(place[key], dict | list) and place[key] and rng.random() < 0.9:
            place = place[key]
            continue
        if rng.random() < 0.2:
            del place[key]
        else:
            place[key] = STRANGE[rng.integers(len(STRANGE))]
        return json.dumps(document).encode()
