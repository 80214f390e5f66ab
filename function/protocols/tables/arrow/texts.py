"""The distinct texts of a column, of which only those that the model does not know are decoded."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from function.errors import BadInput, Fault
from function.model.texts import UNKNOWN, KnownTexts, Texts
from function.protocols.tables.arrow.vectors import Vector

FEW = 64
"""As many texts are decoded one by one, as those of most dictionaries."""

Index = npt.NDArray[np.int64]


class Distinct(NamedTuple):
    """The values of a column: the value of row i is `values[places[i]]`."""

    values: Sequence[Any]
    places: Index


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
    categories = tuple(value for value in known if isinstance(value, str)) if isinstance(known, tuple) else ()
    index = _known(categories).positions(Texts(vector.data.tobytes(), vector.starts, sizes))
    if vector.valid is not None:
        index[~vector.valid] = len(categories)
    others = np.flatnonzero(index == UNKNOWN)
    values = [*categories, None]
    if len(others):
        _add_others(vector, others, values, index, name)
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


@lru_cache(maxsize=1024)
def _known(values: tuple[str, ...]) -> KnownTexts:
    """Prepare the search for known values; that for a live model's features is cached."""
    return KnownTexts(values)
