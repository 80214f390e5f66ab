"""Read the texts of the categories that XGBoost keeps in a model."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from model_training.bundling.exact.refused import Refused


def category_texts(array: Any, column: str, sample: Collection[Any]) -> list[Any]:
    """Return the categories of a column, in the order of their codes.

    XGBoost keeps texts as Arrow does, as one run of bytes and where each text begins. From a table of pandas it writes
    both in characters instead of bytes (`_data_utils.py` of 3.1 to 3.4), so that a text behind a letter such as `ä`
    begins too early, and the last bytes are lost. Which of the two a model has, and what is lost, the sample decides.

    Args:
        array: Arrow's array of categories, as XGBoost returns it.
        column: its name, for messages.
        sample: the values of the column in the sample.

    Raises:
        Refused: the sample does not decide.
    """
    import pyarrow as pa

    if not pa.types.is_string(array.type):
        return list(array.to_pylist())
    _, starts, data = array.buffers()
    places = np.frombuffer(starts, dtype=np.int32)[: len(array) + 1].tolist()
    content = bytes(data or b"")[: places[-1]]
    if content.isascii():
        return list(array.to_pylist())
    texts = sorted({value for value in sample if isinstance(value, str)})
    readings = [_in_characters(content, places, texts), _in_bytes(content, places)]
    found = [len(set(reading) & set(texts)) for reading in readings]
    if found[0] == found[1]:
        raise Refused(
            f"the model does not hold the categories of {column!r} as text, because XGBoost writes letters such as ä "
            "incompletely: the sample has to have rows with these categories"
        )
    reading = readings[0] if found[0] > found[1] else readings[1]
    if None in reading:
        begin = _slices(content.decode(errors="ignore"), places)[reading.index(None)]
        raise Refused(
            f"the model lacks the end of a category of {column!r} that begins with {begin!r}, because XGBoost writes "
            "letters such as ä incompletely: the sample has to have a row with this category, and only one that fits"
        )
    return list(reading)


def _in_bytes(content: bytes, places: Sequence[int]) -> list[str | None]:
    """Return the texts if the places count bytes; none of them if that cuts a letter in two."""
    try:
        return [part.decode() for part in _slices(content, places)]
    except UnicodeDecodeError:
        return []


def _in_characters(content: bytes, places: Sequence[int], sample: Sequence[str]) -> list[str | None]:
    """Return the texts if the places count characters; None where the end is lost for good."""
    parts = _slices(content.decode(errors="ignore"), places)
    lengths = np.diff(places).tolist()
    whole = {part for part, length in zip(parts, lengths, strict=True) if len(part) == length}
    texts: list[str | None] = []
    for part, length in zip(parts, lengths, strict=True):
        fits = [text for text in sample if len(text) == length and text.startswith(part) and text not in whole]
        texts.append(part if len(part) == length else fits[0] if len(fits) == 1 else None)
    return texts


def _slices(content: Any, places: Sequence[int]) -> list[Any]:
    return [content[start:end] for start, end in pairwise(places)]
