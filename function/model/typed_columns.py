"""Columns from values that arrive with a type: numbers and booleans as arrays, and texts, without a look at each.

They are the columns that the same values get as JSON. If a value is invalid or unusual there is no column: the checks
of single values then decide, and name the fault.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from function.model.manifest import Feature
from function.model.schema import LARGEST_NUMBER, LARGEST_WHOLE, TYPES, Columns, Schema, value_type
from function.model.texts import UNKNOWN, Integers, KnownTexts, NotUtf8, Texts

Array = npt.NDArray[Any]
Values = list[Any] | Array | Texts
"""n values: as JSON has them; or numbers, of which NaN is missing, or booleans, [n]; or texts."""
LARGEST_INTEGER = 2**63 - 1


class TypedColumns:
    """Turns typed values into the columns or encoded vectors of one model."""

    def __init__(self, schema: Schema) -> None:
        """Prepare nothing yet: a feature's tables are built when its first values arrive."""
        self._columns = [_TypedColumn(schema, i) for i in range(len(schema.features))]
        self._may_lack_numbers = schema.Element == TYPES["any"]

    def columns(self, values: Sequence[Values]) -> Columns | None:
        """Turn n values of each feature into arrays of shape [n]; None if a value has to be checked by itself."""
        columns: Columns = []
        for reader, each in zip(self._columns, values, strict=True):
            column = reader.column(each)
            if column is None:
                return None
            columns.append(column)
        return columns

    def vectors(self, numbers: Array) -> npt.NDArray[np.float64] | None:
        """Turn numbers into encoded vectors, both [n, width]; None if a number has to be checked by itself."""
        if numbers.dtype.kind not in "fiu" or not _within(numbers, LARGEST_NUMBER, missing=self._may_lack_numbers):
            return None
        return numbers.astype(np.float64)


class _TypedColumn:
    """Turns typed values of one feature into its column."""

    def __init__(self, schema: Schema, position: int) -> None:
        self._feature = schema.features[position]
        self._array: Callable[[Sequence[Any]], Array] = lambda values: schema.array(position, values)
        self._coded = position in schema.codes

    def column(self, values: Values) -> Array | None:
        """Return the column, [n]; None if a value has to be checked by itself."""
        if isinstance(values, list):
            return self._converted(values)
        if isinstance(values, Texts):
            return self._texts(values) if self._feature.type == "string" else None
        if values.dtype.kind == "b":
            return self._listed(values) if self._feature.type == "boolean" else None
        return self._numbers(values) if _are_valid(values, self._feature) else None

    def _converted(self, values: list[Any]) -> Array | None:
        try:
            return self._array(msgspec.convert(values, self._list))
        except msgspec.ValidationError:
            return None

    def _texts(self, values: Texts) -> Array | None:
        try:
            if not self._feature.categories:
                return self._converted(values.decoded())
            if self._known_texts is None:  # A category is no text.
                return None
            return self._found(self._known_texts.positions(values), lambda others: values.at(others).decoded())
        except NotUtf8:
            return None

    def _numbers(self, values: Array) -> Array | None:
        if not self._feature.categories or (self._feature.open and not self._coded):
            return self._listed(values)
        if self._known_integers is None:
            return None
        missing = np.isnan(values)
        integers = (np.where(missing, 0, values) if missing.any() else values).astype(np.int64)
        order, known = self._known_integers
        near = np.minimum(np.searchsorted(known, integers), len(known) - 1)
        positions = np.where(known[near] == integers, order[near], UNKNOWN)
        positions[missing] = len(known)
        return self._found(positions, lambda others: integers[others].tolist())

    def _listed(self, values: Array) -> Array:
        """Return the column of valid values that are not looked up among categories."""
        return self._array(with_null(values)) if self._coded else values.astype(self._array([]).dtype)

    def _found(self, positions: Integers, values_of: Callable[[npt.NDArray[np.bool_]], list[Any]]) -> Array | None:
        """Return the column of values by their positions among the categories; the missing value comes after these."""
        column, others = self._column_of_categories[positions], positions == UNKNOWN
        if others.any():
            values = values_of(others)
            if self._feature.closed and not self._categories.issuperset(values):
                return None
            column[others] = self._array(values)
        return column

    @cached_property
    def _column_of_categories(self) -> Array:
        missing = [None] if self._feature.nullable else []
        return self._array([*(self._feature.categories or ()), *missing])

    @cached_property
    def _categories(self) -> frozenset[Any]:
        return frozenset(self._feature.categories or ())

    @cached_property
    def _known_texts(self) -> KnownTexts | None:
        texts = [value for value in self._feature.categories or () if isinstance(value, str)]
        return KnownTexts(texts) if len(texts) == len(self._feature.categories or ()) else None

    @cached_property
    def _known_integers(self) -> tuple[Integers, npt.NDArray[np.int64]] | None:
        """The order that sorts the categories, and the sorted categories; None if they are not integers."""
        categories = self._feature.categories or ()
        if self._feature.type != "integer" or not all(_is_int64(value) for value in categories):
            return None
        known = np.array(categories, dtype=np.int64)
        order = np.argsort(known)
        return order, known[order]

    @cached_property
    def _list(self) -> Any:
        return list[value_type(self._feature)]  # type: ignore[misc]


def with_null(values: Array) -> list[Any]:
    """Return n values as JSON has them: null for NaN."""
    listed: list[Any] = values.tolist()
    if values.dtype.kind != "f" or not np.isnan(values).any():
        return listed
    return [None if value != value else value for value in listed]  # noqa: PLR0124 (only NaN differs from itself)


def _is_int64(value: Any) -> bool:
    return isinstance(value, int) and -LARGEST_INTEGER <= value <= LARGEST_INTEGER


def _are_valid(values: Array, feature: Feature) -> bool:
    """Return whether all of n numbers are values of a feature, apart from its categories."""
    if feature.type not in ("integer", "number", "any"):
        return False
    if feature.type != "integer":
        return _within(values, LARGEST_NUMBER, missing=feature.nullable or feature.type == "any")
    if values.dtype.kind != "f":
        return not values.size or int(values.max()) <= LARGEST_INTEGER
    whole = (values == np.trunc(values)) | np.isnan(values)
    return bool(whole.all()) and _within(values, LARGEST_WHOLE, missing=feature.nullable)


def _within(values: Array, limit: float, *, missing: bool) -> bool:
    """Return whether all magnitudes are at most the limit; NaN is not, unless values may be missing."""
    if values.dtype.kind != "f" or not values.size:
        return True  # No integer of 64 bits is near the limit.
    magnitudes = np.abs(values)
    return float(np.fmax.reduce(magnitudes, axis=None, initial=0) if missing else magnitudes.max()) <= limit


@lru_cache(maxsize=4)
def typed_columns_of(schema: Schema) -> TypedColumns:
    """Return the typed columns of a model; the live model's are cached."""
    return TypedColumns(schema)
