"""Many texts in one run of bytes, and their positions among known texts, without a Python object for each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.intp]
Words = npt.NDArray[np.uint64]

WORD = 8
"""Bytes are compared as words of this many."""
UNKNOWN = -1
"""The position of a text that is not among the known ones."""
MAX_WORDS = 8
"""Known texts of more words are not searched for."""
BLOCK_TEXTS = 2**14
"""How many texts are compared at once, which bounds the memory."""
FACTORS = np.array([0x9E3779B97F4A7C15 * (2 * i + 1) % 2**64 for i in range(MAX_WORDS + 1)], np.uint64)
"""Odd numbers, by which words are multiplied to hash them."""
MASKS = np.array([2 ** (8 * size) - 1 for size in range(WORD + 1)], np.uint64)
"""By number of bytes, what keeps the first bytes of a word, which is little-endian."""


class NotUtf8(Exception):
    """A text is not UTF-8."""

    def __init__(self, position: int) -> None:
        """`position` counts texts from 0."""
        super().__init__(position)
        self.position = position


class Texts(NamedTuple):
    """n texts in UTF-8."""

    data: bytes
    starts: Integers
    """Where each text starts in the data, [n]."""
    sizes: Integers
    """The bytes of each text, [n]."""

    def decoded(self) -> list[str]:
        """Decode the texts.

        Raises:
            NotUtf8: a text is not UTF-8.
        """
        spans = zip(self.starts.tolist(), (self.starts + self.sizes).tolist(), strict=True)
        if self.data.isascii():
            everything = self.data.decode("ascii")
            return [everything[start:end] for start, end in spans]
        found: list[str] = []
        try:
            for start, end in spans:
                found.append(self.data[start:end].decode())
        except UnicodeDecodeError:
            raise NotUtf8(len(found)) from None
        return found

    def at(self, chosen: "slice | npt.NDArray[Any]") -> "Texts":
        """Return the texts at these positions."""
        return Texts(self.data, self.starts[chosen], self.sizes[chosen])

    def words(self, count: int) -> list[Words]:
        """Return the first `count` words of each text, of shape [n] each; bytes after its end are 0.

        The data must have as many more bytes after the last text.
        """
        # One item for each byte of the data, so that any text is one item.
        items = np.ndarray((len(self.data) - WORD * count + 1,), f"V{WORD * count}", self.data, 0, (1,))
        found = items[self.starts].view("<u8").reshape(-1, count)
        return [found[:, i] & MASKS.take(self.sizes - WORD * i, mode="clip") for i in range(count)]


class KnownTexts:
    """Finds texts among known ones, by a table of hashes."""

    def __init__(self, known: Sequence[str]) -> None:
        """Prepare the search for known texts, which differ from each other."""
        encoded = [(position, text.encode()) for position, text in enumerate(known)]
        short = [(position, text) for position, text in encoded if len(text) <= WORD * MAX_WORDS]
        # A text of no known size is not found.
        sizes = np.array([len(text) for _, text in short] or [-1])
        starts = np.cumsum(sizes) - sizes
        self._count = max(1, -(-int(sizes.max()) // WORD))
        self._padding = bytes(WORD * self._count)
        texts = Texts(b"".join(text for _, text in short) + self._padding, np.maximum(starts, 0), sizes)
        self._sizes, self._words = sizes, texts.words(self._count)
        self._positions = np.array([position for position, _ in short] or [UNKNOWN])
        bits = max(8, min(20, (64 * len(sizes)).bit_length()))
        self._shift = np.uint64(64 - bits)
        hashes = _hashes(self._words, sizes)
        places = [(factor, (hashes * factor) >> self._shift) for factor in FACTORS]
        # Of known texts in the same place one is found; the others are rare.
        self._factor, chosen = max(places, key=lambda each: len(np.unique(each[1])))
        self._table = np.zeros(2**bits, np.intp)
        self._table[chosen] = np.arange(len(sizes))

    def positions(self, texts: Texts) -> Integers:
        """Return the position of each text among the known ones, [n].

        It is `UNKNOWN` for others, and for a known text that is long or that shares its place in the table.
        """
        padded = texts._replace(data=texts.data + self._padding)
        starts = range(0, len(texts.starts), BLOCK_TEXTS)
        blocks = [self._positions_of(padded.at(slice(start, start + BLOCK_TEXTS))) for start in starts]
        return np.concatenate([np.empty(0, np.intp), *blocks])

    def _positions_of(self, texts: Texts) -> Integers:
        words = texts.words(self._count)
        found = self._table.take((_hashes(words, texts.sizes) * self._factor) >> self._shift)
        same = self._sizes.take(found) == texts.sizes
        for known, word in zip(self._words, words, strict=True):
            same &= known.take(found) == word
        return np.where(same, self._positions.take(found), UNKNOWN)


def _hashes(words: list[Words], sizes: Integers) -> Words:
    hashes: Words = sizes.astype(np.uint64) * FACTORS[-1]
    for factor, word in zip(FACTORS, words, strict=False):
        hashes += word * factor
    return hashes
