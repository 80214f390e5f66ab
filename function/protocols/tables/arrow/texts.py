"""Find text among known values without decoding it: as words of eight bytes, all rows at once."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from function.errors import BadInput, Fault
from function.protocols.tables.arrow.vectors import Vector

FEW = 64
"""As many texts are decoded one by one, as those of most dictionaries."""
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
    """Values that are known, and a table in which a hash finds their positions."""

    values: tuple[str, ...]
    words: Words
    sizes: Index
    slots: Index
    factor: np.uint64
    shift: np.uint64


def distinct_texts(vector: Vector, known: Hashable, name: str) -> Distinct:
    """Return the distinct texts of a column: the known ones, None, and others in any order.

    Args:
        vector: a column of text, [n].
        known: a tuple of the values that most rows have, or None.
        name: the name of the column.

    Raises:
        BadInput: a text is not valid UTF-8.
    """
    sizes = vector.ends - vector.starts
    if len(sizes) <= FEW:
        places = np.zeros(len(sizes), np.int64)
        present = np.arange(len(sizes)) if vector.valid is None else np.flatnonzero(vector.valid)
        values: list[Any] = [None]
        _add_others(vector, present, values, places, name)
        return Distinct(values, places)
    table = _known(tuple(value for value in known if isinstance(value, str)) if isinstance(known, tuple) else ())
    words = _words(vector, sizes, len(table.words))
    index = table.slots[(_hashes(words, sizes) * table.factor) >> table.shift]
    same = table.sizes[index] == sizes
    for known_words, found_words in zip(table.words, words, strict=True):
        same &= known_words[index] == found_words
    if vector.valid is not None:
        index[~vector.valid] = len(table.values)
        same |= ~vector.valid
    values = [*table.values, None]
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
    """Return the first bytes of each text as numbers, [count, n]; zeros follow a shorter one."""
    data = np.append(vector.data, np.zeros(WORD * (count + 1), np.uint8))
    at_each = np.ndarray((len(data) - WORD + 1,), "<u8", buffer=data, strides=(1,))
    words = np.empty((count, len(sizes)), np.uint64)
    for i in range(count):
        inside = np.clip(sizes - WORD * i, 0, WORD)
        words[i] = at_each[vector.starts + WORD * i] & MASKS[inside]
    return words


def _hashes(words: Words, sizes: Index) -> Words:
    hashes: Words = sizes.astype(np.uint64) * FACTORS[MAX_WORDS]
    for factor, row in zip(FACTORS, words, strict=False):
        hashes += row * factor
    return hashes


@lru_cache(maxsize=1024)
def _known(values: tuple[str, ...]) -> Known:
    """Prepare the known values; those of a live model's features are cached."""
    encoded = [(value, value.encode(errors="surrogatepass")) for value in values]
    short = [(value, text) for value, text in encoded if len(text) <= WORD * MAX_WORDS] or [("", b"")]
    sizes = np.array([len(text) for _, text in short], np.int64)
    ends = np.cumsum(sizes)
    data = np.frombuffer(b"".join(text for _, text in short), np.uint8)
    words = _words(Vector(sizes, None, ends - sizes, ends, data), sizes, max(1, -(-int(sizes.max()) // WORD)))
    bits = max(8, min(20, (64 * len(short)).bit_length()))
    shift = np.uint64(64 - bits)
    places = [(factor, (_hashes(words, sizes) * factor) >> shift) for factor in FACTORS | np.uint64(1)]
    # Of values in the same place all but one are found by decoding, which is slower and as right.
    factor, chosen = max(places, key=lambda each: len(np.unique(each[1])))
    slots = np.zeros(2**bits, np.int64)
    slots[chosen] = np.arange(len(short))
    return Known(tuple(value for value, _ in short), words, sizes, slots, factor, shift)
