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
BLOCK_WORDS = 2**17
"""How many words are compared at once, which bounds the memory."""
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
        return [found[:, i] & MASKS[np.clip(self.sizes - WORD * i, 0, WORD)] for i in range(count)]


class KnownTexts:
    """Finds texts among known ones."""

    def __init__(self, known: Sequence[str]) -> None:
        """Prepare the search for one or more known texts, which differ from each other."""
        encoded = [text.encode() for text in known]
        sizes = np.array([len(text) for text in encoded])
        self._count = max(1, -(-int(sizes.max()) // WORD))
        self._padding = bytes(WORD * self._count)
        self._factors = np.random.default_rng(0).integers(2**62, size=self._count + 1, dtype=np.uint64) * 2 + 1
        words = Texts(b"".join(encoded) + self._padding, np.cumsum(sizes) - sizes, sizes).words(self._count)
        keys = self._keys(words, sizes)
        self._order = np.argsort(keys)
        self._sorted, self._sizes = keys[self._order], sizes[self._order]
        self._words = [word[self._order] for word in words]
        self.distinct = len(np.unique(keys)) == len(keys)
        """Whether the search is possible: keys of different texts differ, unless by rare chance."""

    def positions(self, texts: Texts) -> Integers:
        """Return the position of each text among the known ones, or `UNKNOWN`, [n]."""
        texts = texts._replace(data=texts.data + self._padding)
        size = max(1, BLOCK_WORDS // self._count)
        starts = range(0, len(texts.starts), size)
        blocks = [self._positions(texts.at(slice(start, start + size))) for start in starts]
        return np.concatenate([np.empty(0, np.intp), *blocks])

    def _positions(self, texts: Texts) -> Integers:
        words = texts.words(self._count)
        near = np.minimum(np.searchsorted(self._sorted, self._keys(words, texts.sizes)), len(self._sorted) - 1)
        same = self._sizes[near] == texts.sizes
        for known, word in zip(self._words, words, strict=True):
            same &= known[near] == word
        return np.where(same, self._order[near], UNKNOWN)

    def _keys(self, words: list[Words], sizes: Integers) -> Words:
        """Return a number for each text, which other texts share by rare chance alone."""
        keys: Words = sizes.astype(np.uint64) * self._factors[-1]
        for word, factor in zip(words, self._factors[:-1], strict=True):
            keys += word * factor
        return keys
