"""The types of a model's inputs, built from its manifest, and the arrays built from decoded values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import UNSET, Meta
from msgspec.structs import astuple

from function.model.dates import PATTERNS, parse_times
from function.model.manifest import Feature, Manifest

T = TypeVar("T")

TWO_STAGES = 2
LARGEST_NUMBER = 1e30
"""Bounds every number, so that float32 arithmetic on it stays finite."""

Number = Annotated[float, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
LARGEST_WHOLE = 2.0**63 - 2**10
"""The largest float that is an int64."""
Whole = Annotated[float, Meta(ge=-LARGEST_WHOLE, le=LARGEST_WHOLE, multiple_of=1)]
"""An integer written as a float: JSON does not distinguish 7.0 from 7."""
Columns = list[npt.NDArray[Any]]
Vectors = Sequence[Sequence[Any]] | npt.NDArray[np.float64]
Codes = Mapping[Any, int]
"""The code of each value of a feature; the code of None stands for missing values."""
NO_CODES: Mapping[int, Codes] = {}
CHUNK_ROWS = 4096
"""How many rows become arrays at once."""
BYTE_CODES = 255
"""With fewer values than this, the codes of all, of a missing and of an unknown value fit a byte."""

TYPES: dict[str, Any] = {
    "string": str,
    "integer": Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Whole,
    "number": Number,
    "boolean": bool,
    "any": str | bool | Number | None,
}
DTYPES: dict[str, type] = {
    "string": object,
    "integer": np.int64,
    "number": np.float64,
    "boolean": np.bool_,
    "any": object,
}


class Schema:
    """The types of rows and encoded vectors of one model, and their conversion to arrays."""

    def __init__(self, manifest: Manifest, codes: Mapping[int, Codes] = NO_CODES) -> None:
        """Build the types; the columns of the features in `codes`, by position, hold codes.

        `Row` is a Struct with one field for each feature (None if the model names no features), and `Values` is
        the same as an array. `Vector` is a list of `Element`: numbers, or any values if their types are unknown.
        `Table` is a Struct with a list of values for each feature. `Rows`, `ValueRows` and `Vectors` are Structs
        with one list, `rows`, because msgspec prepares a Struct only once.
        """
        self.features = manifest.features
        self.names = [feature.name for feature in manifest.features]
        self.width = len(manifest.encoded)
        self.ignores_unknown_fields = manifest.unknown_fields == "ignore"
        # A feature's name is not always an identifier, so the fields are named f0, f1 ... and renamed.
        names = {f"f{i}": feature.name for i, feature in enumerate(self.features)}
        fields = [(name, value_type(feature)) for name, feature in zip(names, self.features, strict=True)]
        row = msgspec.defstruct(
            "Row",
            [(*field, *_default(feature)) for field, feature in zip(fields, self.features, strict=True)],
            rename=names,
            frozen=True,
            gc=False,
            kw_only=True,
            forbid_unknown_fields=not self.ignores_unknown_fields,
        )
        self.Row: Any = row if fields else None
        self.Values: Any = msgspec.defstruct(
            "Values", fields, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True
        )
        lists = [(name, list[kind]) for name, kind in fields]  # type: ignore[valid-type]
        self.Table: Any = msgspec.defstruct("Table", lists, rename=names, frozen=True, gc=False)
        self.Element: Any = Number if manifest.stages == TWO_STAGES or _numeric(self.features) else TYPES["any"]
        vector = list[self.Element]  # type: ignore[name-defined]
        self.Vector: Any = Annotated[vector, Meta(min_length=self.width, max_length=self.width)]
        self.arrays_are_rows = bool(fields) and manifest.stages == TWO_STAGES and len(fields) == self.width
        """Whether an array of `width` values is a row of features in the manifest's order, not an encoded vector."""
        self.row_length = len(fields) if fields and (self.arrays_are_rows or len(fields) != self.width) else None
        """The length of an array that is a row of features; None if only encoded vectors are arrays."""
        array = list[Any] if self.arrays_are_rows else self.Vector
        self.Instance: Any = self.Row | array if fields else self.Vector
        self.Rows, self.Vectors = _list_of(self.Row or self.Vector), _list_of(self.Vector)
        self.ValueRows = _list_of(self.Values)
        self.codes = codes
        self._fields = [attrgetter(name) for name in names]
        self._arrays = [_reader(feature, codes.get(i)) for i, feature in enumerate(self.features)]
        self.open = [(i, _counter(feature, codes.get(i))) for i, feature in enumerate(self.features) if feature.open]
        """By position, what counts the values that the model does not know, of each feature that may have some."""
        typical = {i: _typical(feature) for i, feature in enumerate(self.features)}
        self.typical = {i: self._arrays[i](values) for i, values in typical.items() if values is not None}
        """By position, the typical value of each feature that has one, as an array of shape [1]."""
        self._kept: dict[Any, Any] = {}

    def kept(self, make: "Callable[[Schema], T]") -> T:
        """Return what a function makes of this schema; it is made once, and must not refer to the schema."""
        if make not in self._kept:
            self._kept[make] = make(self)
        found: T = self._kept[make]
        return found

    def columns(self, rows: Sequence[Any]) -> Columns:
        """Turn n instances of `Row` or `Values` into an array of shape [n] for each feature."""
        return self._by_chunks(rows, lambda chunk: [map(field, chunk) for field in self._fields])

    def columns_of(self, rows: Sequence[Sequence[Any]]) -> Columns:
        """Turn n rows of values in the manifest's order into an array of shape [n] for each feature."""
        return self._by_chunks(rows, lambda chunk: zip(*chunk, strict=True))

    def _by_chunks(self, rows: Sequence[Any], values: Callable[[Sequence[Any]], Iterable[Iterable[Any]]]) -> Columns:
        """Turn n rows into arrays; other threads can run between two chunks, but not within one."""
        if len(rows) > CHUNK_ROWS:
            starts = range(0, len(rows), CHUNK_ROWS)
            parts = [self._by_chunks(rows[start : start + CHUNK_ROWS], values) for start in starts]
            return [np.concatenate(column) for column in zip(*parts, strict=True)]
        columns = values(rows) if rows else [()] * len(self._arrays)
        return [array(column) for array, column in zip(self._arrays, columns, strict=True)]

    def arrays(self, table: Any) -> Columns:
        """Turn an instance of `Table` with n values for each feature into arrays of shape [n]."""
        return [array(column) for array, column in zip(self._arrays, astuple(table), strict=True)]

    def array(self, position: int, values: Sequence[Any]) -> npt.NDArray[Any]:
        """Turn n values of one feature, which were checked, into an array of shape [n]."""
        return self._arrays[position](values)

    def unknown_values(self, columns: Columns) -> dict[str, int]:
        """Count the values of each feature that the model does not know, in an array of shape [n] for each."""
        if not self.open:
            return {}
        counts = {self.names[i]: count(columns[i]) for i, count in self.open}
        return {name: count for name, count in counts.items() if count}

    def accepts(self, row: Sequence[Any]) -> bool:
        """Return whether a caller may send a row of these values, in the manifest's order."""
        try:
            msgspec.convert(dict(zip(self.names, row, strict=True)), self.Row)
        except msgspec.ValidationError:
            return False
        return True

    def golden_columns(self, rows: Sequence[Sequence[Any]]) -> Columns:
        """Turn n rows of values in the manifest's order into columns.

        Raises:
            msgspec.ValidationError: a value is not one that a caller may send.
        """
        named = [dict(zip(self.names, row, strict=True)) for row in rows]
        return self.columns(msgspec.convert(named, list[self.Row]))  # type: ignore[name-defined]


def _list_of(kind: Any) -> Any:
    return msgspec.defstruct("List", [("rows", list[kind])])


def _numeric(features: Sequence[Feature]) -> bool:
    return bool(features) and all(feature.type in ("integer", "number") for feature in features)


def value_type(feature: Feature) -> Any:
    """Return the type of a feature's values: a Literal of its categories if it is closed, or its type; or null."""
    if feature.closed:
        kind: Any = Literal[feature.categories]
    elif feature.format is not UNSET:
        kind = Annotated[str, Meta(pattern=PATTERNS[feature.format])]
    else:
        kind = TYPES[feature.type]
    return kind | None if feature.nullable else kind


def _default(feature: Feature) -> tuple[Any, ...]:
    """Return the default of a Struct's field, if the feature is optional."""
    return (feature.absent,) if feature.optional else ()


def _counter(feature: Feature, codes: Codes | None) -> Callable[[npt.NDArray[Any]], int]:
    """Return a function that counts the unknown values of an array of shape [n]."""
    if codes is not None:
        unknown = len(codes) + 1
        return lambda column: int(np.count_nonzero(column == unknown))
    known = frozenset(feature.categories or ())
    return lambda column: sum(value not in known and value == value for value in column.tolist())  # noqa: PLR0124


def _typical(feature: Feature) -> list[Any] | None:
    """Return the manifest's typical value (or null) in a list; None if callers must not send it."""
    try:
        value = msgspec.convert(feature.typical, value_type(feature))
    except msgspec.ValidationError:
        return None
    return None if feature.type == "any" else [value]


def _reader(feature: Feature, codes: Codes | None) -> Callable[[Iterable[Any]], npt.NDArray[Any]]:
    """Return a function that turns n values of a feature into an array of shape [n]."""
    if feature.format is not UNSET:
        return parse_times
    if codes is None:
        return lambda values: _array(list(values), feature)
    # The very objects that msgspec decodes to, in a plain dict: both make a look-up faster.
    known = {value: codes[value] for value in (None, *(feature.categories or ()))}
    dtype = np.uint8 if len(codes) < BYTE_CODES else np.intp
    return partial(_codes, known=known, others=codes, dtype=dtype)


def _codes(values: Iterable[Any], known: Codes, others: Codes, dtype: type) -> npt.NDArray[np.integer[Any]]:
    """Look up n values at once, which takes half the time of one look-up after another."""
    # Of two keys at least, itemgetter returns a tuple.
    look_up = itemgetter(None, None, *values)
    try:
        found = look_up(known)
    except KeyError:
        found = look_up(others)
    codes = np.frombuffer(bytes(found), dtype) if dtype is np.uint8 else np.array(found, dtype)
    return codes[2:]


def _array(values: list[Any], feature: Feature) -> npt.NDArray[Any]:
    dtype = DTYPES[feature.type]
    if feature.type == "any":
        return array_of_any(values)
    if not feature.nullable:
        return np.array(values, dtype=dtype)
    # pandas and scikit-learn treat NaN as missing, and only arrays of floats or objects can hold it.
    missing = [np.nan if value is None else value for value in values]
    return np.array(missing, dtype=np.float64 if feature.type in ("integer", "number") else object)


def array_of_any(values: Sequence[Any]) -> npt.NDArray[Any]:
    """Turn values of unknown type into an array: of numbers if all are numbers, with NaN for null."""
    missing = [np.nan if value is None else value for value in values]
    numbers = all(isinstance(value, float) for value in missing)
    return np.array(missing, dtype=np.float64 if numbers else object)
