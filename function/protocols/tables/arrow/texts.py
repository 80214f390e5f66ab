"""Find text among known values without decoding it: as words of eight bytes, all rows at once."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from function.errors import BadInput, Fault
from function.protocols.tables.arrow.vectors import Vector

WORD = 8
MAX_WORDS = 8
"""Known values of more bytes are found by decoding."""
MASKS = np.array([2 ** (8 * size) - 1 for size in range(WORD + 1)], np.uint64)
FACTORS = np.array([0x9E3779B97F4A7C15 * (2 * i + 1) % 2**64 for i in range(MAX_WORDS + 1)], np.uint64)

Words = npt.NDArray[np.uint64]
Index = npt.NDArray[np.int64]


class Distinct(NamedTuple):
    """The values of a column: the value of row i is `values[places[i]]`."""

    values: Sequence[Any]
    places: Index


class Known(NamedTuple):
    """Values that are known, in the order of their hashes."""

    values: tuple[str, ...]
    words: Words
    sizes: Index
    hashes: Words


def distinct_texts(vector: Vector, known: Hashable, name: str) -> Distinct:
    """Return the distinct texts of a column: the known ones, None, and others in any order.

    Args:
        vector: a column of text, [n].
        known: a tuple of the values that most rows have, or None.
        name: the name of the column.

    Raises:
        BadInput: a text is not valid UTF-8.
    """
    table = _known(tuple(value for value in known if isinstance(value, str)) if isinstance(known, tuple) else ())
    sizes = vector.ends - vector.starts
    words = _words(vector, sizes, table.words.shape[1])
    hashes = _hashes(words, sizes)
    index = np.searchsorted(table.hashes, hashes)
    index[index == len(table.values)] = 0
    same = (table.words[index] == words).all(axis=1) & (table.sizes[index] == sizes)
    if vector.valid is not None:
        index[~vector.valid] = len(table.values)
        same |= ~vector.valid
    values: list[Any] = [*table.values, None]
    if not same.all():
        _add_others(vector, np.flatnonzero(~same), values, index, name)
    return Distinct(values, index)


def _add_others(vector: Vector, rows: Index, values: list[Any], index: Index, name: str) -> None:
    """Decode the other texts, each distinct one once."""
    data = vector.data.tobytes()
    found: dict[bytes, int] = {}
    for row, start, end in zip(rows.tolist(), vector.starts[rows].tolist(), vector.ends[rows].tolist(), strict=True):
        text = data[start:end]
        position = found.get(text)
        if position is None:
            try:
                values.append(text.decode())
            except UnicodeDecodeError:
                raise BadInput(Fault(("columns", name, row), "arrow_invalid", "the text is not valid UTF-8")) from None
            position = found[text] = len(values) - 1
        index[row] = position


def _words(vector: Vector, sizes: Index, count: int) -> Words:
    """Return the first bytes of each text as numbers, [n, count]; zeros follow a shorter one."""
    data = np.append(vector.data, np.zeros(WORD * (count + 1), np.uint8))
    at_each = np.ndarray((len(data) - WORD + 1,), "<u8", buffer=data, strides=(1,))
    words = np.empty((len(sizes), count), np.uint64)
    for i in range(count):
        inside = np.clip(sizes - WORD * i, 0, WORD)
        places = np.where(inside > 0, vector.starts + WORD * i, 0)
        words[:, i] = at_each[places] & MASKS[inside]
    return words


def _hashes(words: Words, sizes: Index) -> Words:
    hashes: Words = (words * FACTORS[: words.shape[1]]).sum(axis=1, dtype=np.uint64)
    hashes += sizes.astype(np.uint64) * FACTORS[MAX_WORDS]
    return hashes


@lru_cache(maxsize=1024)
def _known(values: tuple[str, ...]) -> Known:
    """Prepare the known values; those of a live model's features are cached."""
    encoded = {value: value.encode(errors="surrogatepass") for value in values}
    short = [(value, text) for value, text in encoded.items() if len(text) <= WORD * MAX_WORDS] or [("", b"")]
    sizes = np.array([len(text) for _, text in short], np.int64)
    count = max(1, -(-int(sizes.max()) // WORD))
    ends = np.cumsum(sizes)
    data = np.frombuffer(b"".join(text for _, text in short), np.uint8)
    words = _words(Vector(sizes, None, ends - sizes, ends, data), sizes, count)
    hashes = _hashes(words, sizes)
    order = np.argsort(hashes)
    return Known(tuple(short[i][0] for i in order), words[order], sizes[order], hashes[order])
