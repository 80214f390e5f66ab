"""Decide which cells are missing: empty ones, and the words that the user names."""

from collections.abc import Collection
from typing import Any

import pyarrow as pa
from pyarrow import compute

SUSPICIOUS = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "?", "-")
"""Words that often stand for a missing value; they are values like any other unless the user names them."""


def is_missing(cell: Any, words: Collection[str]) -> bool:
    """Return whether a single cell is missing: null, NaN, empty, of spaces alone, or one of `words`."""
    if isinstance(cell, str):
        return cell in words or not cell.strip()
    return cell is None or cell != cell  # noqa: PLR0124 (NaN alone differs from itself)


def drop_missing(texts: pa.Array, words: Collection[str]) -> tuple[pa.Array, list[str]]:
    """Replace missing cells of an array of text by null; return it with a remark for each word that was found."""
    blank = compute.equal(compute.binary_length(compute.utf8_trim_whitespace(texts)), 0)
    found = {word: _count(compute.equal(texts, word)) for word in sorted(words)}
    named = compute.is_in(texts, value_set=pa.array(sorted(words), texts.type))
    remarks = [f"{word!r} counts as missing in {count:,} rows" for word, count in found.items() if count]
    present = compute.if_else(compute.or_(blank, named), pa.scalar(None, texts.type), texts)
    return present, remarks


def suspicious_words(texts: pa.Array) -> list[str]:
    """Return remarks on words that look like missing values but are not declared as such."""
    if not _count(compute.is_in(texts, value_set=pa.array(SUSPICIOUS, texts.type))):
        return []
    found = {word: _count(compute.equal(texts, word)) for word in SUSPICIOUS}
    return [
        f'{word!r} is a value like any other in {count:,} rows (--missing "{word}" makes it missing)'
        for word, count in found.items()
        if count
    ]


def _count(mask: pa.Array) -> int:
    return int(compute.sum(mask).as_py() or 0)
