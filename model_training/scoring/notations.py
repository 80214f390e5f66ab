"""Find the notation of the numbers in a table, with the rules of training, without holding the table in memory."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from pyarrow import compute

from model_training.data.cells.conversion import Reading
from model_training.data.cells.formats import PLAIN, DecimalMark, NumberFormat, find_format, is_ambiguous
from model_training.data.cells.missing import drop_missing

PLAIN_CELLS, OTHER_CELLS = 5_000, 20_000
"""How many cells of each column to keep: plain numbers, and others."""


def find_notations(
    chunks: Iterator[Mapping[str, pa.Array]], reading: Reading, usual: DecimalMark
) -> dict[str, NumberFormat]:
    """Return the notation of each column of text whose numbers are not plain.

    Args:
        chunks: the text of the columns that hold numbers.
        reading: the words that mean a missing value, and the decimal mark that the user names.
        usual: the decimal mark to assume of numbers such as 1,234.
    """
    plain: dict[str, list[str]] = {}
    other: dict[str, list[str]] = {}
    for chunk in chunks:
        for name, texts in chunk.items():
            _collect(_present(texts, reading), plain.setdefault(name, []), other.setdefault(name, []))
    found = {name: _notation(plain[name], other[name], reading, usual) for name in plain}
    return {name: notation for name, notation in found.items() if notation}


def _present(texts: pa.Array, reading: Reading) -> pa.Array:
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    present, _ = drop_missing(whole.cast(pa.large_string()), reading.missing)
    return compute.utf8_trim_whitespace(present.drop_null())


def _collect(texts: pa.Array, plain: list[str], other: list[str]) -> None:
    """Keep some of the cells, as long as there are not enough."""
    try:
        texts.cast(pa.float64())
    except pa.ArrowInvalid:
        matched = compute.match_substring_regex(texts, PLAIN.pattern)
        other += texts.filter(compute.invert(matched))[: OTHER_CELLS - len(other)].to_pylist()
        texts = texts.filter(matched)
    plain += texts[: PLAIN_CELLS - len(plain)].to_pylist()


def _notation(plain: Sequence[str], other: Sequence[str], reading: Reading, usual: DecimalMark) -> NumberFormat | None:
    cells = pa.array([*other, *plain], pa.large_string())
    if other:
        found = find_format(cells, reading.decimal, usual)
        return found.format if found else None
    ambiguous = is_ambiguous(cells) if reading.decimal == "," else None
    return ambiguous.other if ambiguous else None
