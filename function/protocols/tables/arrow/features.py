"""Convert columns of Arrow to the columns of a model's features, without an object for each row."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from function.errors import BadInput, Fault
from function.model.checks import REFUSED, Cell
from function.model.manifest import Feature
from function.model.schema import LARGEST_NUMBER, LARGEST_WHOLE
from function.protocols.tables.arrow.metadata import Field
from function.protocols.tables.arrow.texts import Distinct, Index, distinct_texts
from function.protocols.tables.arrow.vectors import Mask, Vector, size_of, take

Array = npt.NDArray[Any]
Build = Callable[[list[Any]], Array]
"""Turns values of a feature that were checked into an array."""
TEXTS = ("utf8", "large_utf8", "utf8_view")
TIMES = ("date", "timestamp")
NUMBERS = ("int", "float")
ANY_TIME = datetime(1, 1, 1, tzinfo=timezone.utc)
"""In the place of a time whose feature is no date."""
WIDEST = 2**16
DAY = 24 * 60 * 60
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
FIRST_SECOND, LAST_SECOND = (
    int(np.datetime64(time, "s").astype(np.int64)) for time in ("0001-01-01", "9999-12-31T23:59:59")
)


class Piece(NamedTuple):
    """The values of a feature for n rows: `table[places]`, where they are valid."""

    table: Array
    places: Index | None
    """None if there is a value for each row."""
    bad: Mask | None
    """The rows whose values are refused; None if there are none."""
    value_at: Callable[[int], Any]
    """Returns the value of a row that was refused."""

    def of(self, rows: Mask | None) -> Array:
        """Return the values of the rows of a mask; None for all rows."""
        if self.places is None:
            return self.table if rows is None else self.table[rows]
        return self.table.take(self.places if rows is None else self.places[rows])


def piece_of(vector: Vector | None, field: Field, feature: Feature, cell: Cell, build: Build) -> Piece:
    """Convert a column of a batch; the values of a type that is not read are refused.

    Raises:
        BadInput: the text of a column is not valid UTF-8.
    """
    if vector is None:
        raise BadInput(
            Fault(
                ("columns", field.name), "type", f"expected {cell.expected}; columns of type {field.type} are not read"
            )
        )
    if feature.format is not UNSET and field.type in TIMES:
        return _times(vector, field, feature)
    if feature.type in ("integer", "number") and not feature.categories and field.type in NUMBERS:
        return _numbers(vector, feature)
    return _checked(_distinct(vector, field, feature), cell, build)


def piece_of_dictionary(
    indices: Vector, dictionary: Vector, field: Field, feature: Feature, cell: Cell, build: Build
) -> Piece:
    """Convert a column of indices into a dictionary, of which only the used values are read.

    Raises:
        BadInput: an index has no value.
    """
    numbers = indices.values.astype(np.int64)
    size = size_of(dictionary)
    valid = None if indices.valid is None or indices.valid.all() else indices.valid
    present = numbers if valid is None else numbers[valid]
    if len(present) and (present.min() < 0 or present.max() >= size):
        raise BadInput(Fault(("columns", field.name), "arrow_invalid", "an index is not one of the dictionary's"))
    used = np.bincount(present, minlength=size) > 0
    chosen = np.flatnonzero(used)
    piece = piece_of(take(dictionary, chosen, null=valid is not None), field, feature, cell, build)
    # By index: the place among the chosen values; past the last index, that of null.
    places = np.append(np.cumsum(used) - 1, 0 if valid is None else len(chosen))
    index = numbers if valid is None else np.where(valid, numbers, size)
    table = piece.of(None)
    return Piece(
        table[places] if len(table) else table,
        index,
        None if piece.bad is None else piece.bad[places].take(index),
        lambda row: piece.value_at(int(places[index[row]])),
    )


def _distinct(vector: Vector, field: Field, feature: Feature) -> Distinct:
    """Return the distinct values of a column as Python's."""
    if field.type in TEXTS:
        return distinct_texts(vector, feature.categories, field.name)
    if field.type in TIMES:
        found = Distinct([ANY_TIME], np.zeros(size_of(vector), np.int64))
    else:
        values, places = _unique(vector.values)
        found = Distinct([None if value != value else value for value in values.tolist()], places)  # noqa: PLR0124
    if vector.valid is None:
        return found
    return Distinct([*found.values, None], np.where(vector.valid, found.places, len(found.values)))


def _unique(values: Array) -> tuple[Array, Index]:
    """Return the distinct values, and the place of each value among them; integers close together need no sorting."""
    if values.dtype.kind in "iu" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low <= WIDEST and -(2**62) < low <= high < 2**62:
            numbers = values.astype(np.int64) - low
            used = np.bincount(numbers) > 0
            return (np.flatnonzero(used) + low).astype(values.dtype), (np.cumsum(used) - 1).take(numbers)
    distinct, places = np.unique(values, return_inverse=True)
    return distinct, places


def _checked(found: Distinct, cell: Cell, build: Build) -> Piece:
    """Check each distinct value once."""
    used = np.bincount(found.places, minlength=len(found.values)) > 0
    accepted = [cell.accept(value) if is_used else REFUSED for value, is_used in zip(found.values, used, strict=True)]
    valid = np.array([value is not REFUSED for value in accepted], np.bool_)
    table = build([value for value in accepted if value is not REFUSED])
    # What is refused gets the place of another value, which nobody reads.
    table = table[np.cumsum(valid) - 1] if len(table) else np.zeros(len(valid), table.dtype)
    bad = None if valid[used].all() else ~valid.take(found.places)
    return Piece(table, found.places, bad, lambda row: found.values[found.places[row]])


def _numbers(vector: Vector, feature: Feature) -> Piece:
    values: Array = vector.values
    whole = feature.type == "integer"
    missing = np.zeros(len(values), np.bool_) if vector.valid is None else ~vector.valid
    if values.dtype.kind == "f":
        numbers: Array = values.astype(np.float64)
        missing |= np.isnan(numbers)
        with np.errstate(invalid="ignore"):
            bad = np.abs(numbers) > (LARGEST_WHOLE if whole else LARGEST_NUMBER)
            bad |= whole & (numbers != np.floor(numbers))
    else:
        numbers = values
        too_large = values > np.uint64(2**63 - 1) if values.dtype == np.uint64 else False
        bad = np.zeros(len(values), np.bool_) | too_large
    bad &= ~missing
    if not feature.nullable:
        bad |= missing
    table = _typed(numbers, missing, bad, feature)

    def value_at(row: int) -> Any:
        return None if missing[row] else values[row].item()

    return Piece(table, None, bad if bad.any() else None, value_at)


def _typed(numbers: Array, missing: Mask, bad: Mask, feature: Feature) -> Array:
    """Return the array that the engine expects: nullable integers are floats, which have NaN."""
    usable = np.where(bad | missing, numbers.dtype.type(0), numbers)
    if feature.type == "integer" and not feature.nullable:
        return usable.astype(np.int64)
    return np.where(missing, np.nan, usable.astype(np.float64))


def _times(vector: Vector, field: Field, feature: Feature) -> Piece:
    """Convert dates and times to seconds in UTC, which is how Arrow stores times with a zone."""
    units = vector.values.astype(np.int64)
    seconds = units * DAY if field.unit == "D" else units // PER_SECOND[field.unit]
    missing = np.zeros(len(units), np.bool_) if vector.valid is None else ~vector.valid
    bad = (seconds < FIRST_SECOND) | (seconds > LAST_SECOND)
    if feature.format == "date":
        bad |= seconds % DAY != 0
    bad &= ~missing
    if not feature.nullable:
        bad |= missing
    times = np.where(bad | missing, np.datetime64("NaT", "s"), seconds.astype("datetime64[s]"))
    return Piece(times, None, bad if bad.any() else None, lambda row: None if missing[row] else "a time")
