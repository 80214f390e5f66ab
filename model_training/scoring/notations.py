"""Find the notation of the numbers and dates in a table, with the rules of training, without holding it in memory."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from msgspec import UNSET
from pyarrow import compute

from function.model.manifest import Feature
from model_training.data.cells.dates import find_dates
from model_training.data.cells.formats import MINUS, PLAIN, find_format, is_ambiguous
from model_training.data.cells.missing import drop_missing
from model_training.data.cells.reading import Options
from model_training.scoring.rules import Notation

PLAIN_NUMBER = PLAIN.pattern.replace(MINUS, "-")
"""Numbers that Python reads too, which has no other sign for minus."""
PLAIN_CELLS, OTHER_CELLS = 5_000, 20_000
"""How many cells of each column to keep: plain numbers, and others."""


def noted_features(features: Sequence[Feature]) -> dict[str, Feature]:
    """Return the features whose cells may have a notation, numbers and dates, by their names."""
    return {each.name: each for each in features if each.type in ("number", "integer") or each.format is not UNSET}


def find_notations(
    chunks: Iterator[Mapping[str, pa.Array]], features: Mapping[str, Feature], options: Mapping[str, Options]
) -> dict[str, Notation]:
    """Return the notation of each column of text that holds dates, or numbers that are not plain.

    Args:
        chunks: the text of the columns.
        features: the features that are numbers or dates.
        options: how to read the cells of each feature.
    """
    plain: dict[str, list[str]] = {}
    other: dict[str, list[str]] = {}
    for chunk in chunks:
        for name, texts in chunk.items():
            _collect(_present(texts, options[name]), plain.setdefault(name, []), other.setdefault(name, []))
    found = {
        name: _dates([*other[name], *plain[name]], options[name])
        if features[name].format is not UNSET
        else _numbers(plain[name], other[name], options[name])
        for name in plain
    }
    return {name: notation for name, notation in found.items() if notation}


def _present(texts: pa.Array, options: Options) -> pa.Array:
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    present, _ = drop_missing(whole.cast(pa.large_string()), options.missing)
    return compute.utf8_trim_whitespace(present.drop_null())


def _collect(texts: pa.Array, plain: list[str], other: list[str]) -> None:
    """Keep some of the cells, as long as there are not enough."""
    try:
        texts.cast(pa.float64())
    except pa.ArrowInvalid:
        matched = compute.match_substring_regex(texts, PLAIN_NUMBER)
        other += texts.filter(compute.invert(matched))[: OTHER_CELLS - len(other)].to_pylist()
        texts = texts.filter(matched)
    plain += texts[: PLAIN_CELLS - len(plain)].to_pylist()


def _dates(cells: Sequence[str], options: Options) -> Notation | None:
    if not cells:
        return None
    found = find_dates(pa.array(cells, pa.large_string()), options.date_order, named=True)
    return found.notation if found else None


def _numbers(plain: Sequence[str], other: Sequence[str], options: Options) -> Notation | None:
    cells = pa.array([*other, *plain], pa.large_string())
    if other:
        found = find_format(cells, options.decimal, options.usual)
        return found.format if found else None
    ambiguous = is_ambiguous(cells) if options.decimal == "," else None
    return ambiguous.other if ambiguous else None
