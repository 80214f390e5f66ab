"""Check values one by one: the slower way, for what the decoder of a whole body refuses.

It reports every fault of a body and not the first alone, and can skip the rows that have one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect
from msgspec.structs import astuple

from function.errors import BadInput, Fault
from function.model.faults import LONGEST_NAME, Place, describe, kind_of, listed
from function.model.manifest import Feature
from function.model.schema import Schema, value_type

MAX_FAULTS = 100
"""The most faults of a body that are reported."""
REFUSED, ABSENT = object(), object()
NUMERIC = ("integer", "number")
JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    **dict.fromkeys(NUMERIC, (int, float)),
}

Accept = Callable[[Any], Any]
Locate = Callable[[Place], Place]
"""Turns a place among the rows, such as (0, "carrier"), into a place in the body."""


class Checked(NamedTuple):
    """The values of the valid rows, and the positions of these rows."""

    rows: list[Sequence[Any]]
    kept: Sequence[int]


class Cell:
    """Checks the values of one feature, or of one number of a vector."""

    def __init__(self, kind: Any, feature: Feature | None = None, *, strict: bool = True) -> None:
        """Choose the check for a type; without `strict`, numbers may be written as text."""
        self._type, self._feature = kind, feature
        self._types = JSON_TYPES.get(feature.type if feature else "number", ())
        self.accept = _accepting(kind, feature, strict=strict)

    @cached_property
    def expected(self) -> str:
        """Describe what is allowed."""
        return describe(inspect.type_info(self._type))

    def kind(self, value: Any) -> str:
        """Return the kind of fault of a value that was refused, or is absent."""
        if value is ABSENT:
            return "missing"
        if type(value) not in self._types:
            return "type"
        if self._feature and self._feature.closed:
            return "enum"
        return "value" if str in self._types else "range"

    def message(self, value: Any) -> str:
        """Return what is allowed instead of a value that was refused, or is absent."""
        if value is ABSENT:
            return f"missing; expected {self.expected}"
        return f"expected {self.expected}{'' if type(value) in self._types else _hint(value, self._types)}"


def _hint(value: Any, types: Sequence[type]) -> str:
    """Return what is wrong with the type of a value; it never contains the value."""
    if isinstance(value, str) and int in types:
        return "; text is not a number: omit quotes and units"
    if type(value) in (int, float) and str in types:
        return "; a number is not text: add quotes"
    return f"; {kind_of(value)} is not allowed"


def _accepting(kind: Any, feature: Feature | None, *, strict: bool) -> Accept:
    """Return a function that returns a value as the feature has it, or REFUSED."""

    def convert(value: Any) -> Any:
        try:
            return msgspec.convert(value, kind, strict=strict)
        except msgspec.ValidationError:
            return REFUSED

    if feature is None or not feature.closed:
        return convert
    known: dict[Any, Any] = {value: value for value in feature.categories or ()}

    def look_up(value: Any) -> Any:
        # 7.0 is 7 in JSON, and finds the integer 7; true is another type.
        found = known.get(value, REFUSED) if type(value) in (str, int, float) else REFUSED
        return convert(value) if found is REFUSED else found

    return look_up


class Checks:
    """Checks rows of one model."""

    def __init__(self, schema: Schema, *, strict: bool = True) -> None:
        """Prepare the checks; without `strict`, numbers may be written as text."""
        self._schema, self._strict = schema, strict
        self.cells = [Cell(value_type(feature), feature, strict=strict) for feature in schema.features]
        """For each feature, the check of its values."""
        self._number = Cell(schema.Element, strict=strict)
        self._names = dict.fromkeys(schema.names)

    @cached_property
    def expected(self) -> str:
        """Describe what a row may be."""
        if not self.cells:
            return self._array
        values = [f"an array of these {self._schema.row_length} values"] if self._schema.row_length else []
        vector = [] if self._schema.arrays_are_rows else [self._array]
        return " or ".join([self._object, *values, *vector])

    @cached_property
    def _array(self) -> str:
        return f"an array of exactly {self._schema.width} items, each {self._number.expected}"

    @cached_property
    def _object(self) -> str:
        return f"an object with {listed(self._schema.names)}"

    def objects(self, items: Sequence[Any], locate: Locate, *, skip: bool = False) -> Checked:
        """Check objects of named features; return their values in the manifest's order.

        Raises:
            BadInput: an item is invalid, unless such items are skipped.
        """
        faults = Faults(locate, skip=skip)
        return _collect((self._named(i, item, faults) for i, item in enumerate(items)), faults)

    def values(self, rows: Iterable[Sequence[Any]], locate: Locate, *, skip: bool = False) -> Checked:
        """Check the values of all features, in the manifest's order.

        Raises:
            BadInput: a value is invalid, unless such rows are skipped.
        """
        faults = Faults(locate, skip=skip)
        return _collect((self._values(i, row, faults) for i, row in enumerate(rows)), faults)

    def arrays(self, items: Sequence[Any], locate: Locate, *, skip: bool = False) -> tuple[Checked, bool]:
        """Check arrays: rows of features if any is as long as these are many, or else encoded vectors.

        Returns:
            The values, and whether they are rows of features.

        Raises:
            BadInput: an item is invalid, unless such items are skipped.
        """
        count = self._schema.row_length
        if not any(isinstance(item, list) and len(item) == count for item in items):
            return self.vectors(items, locate, skip=skip), False
        faults = Faults(locate, skip=skip)
        return _collect((self._listed(i, item, faults) for i, item in enumerate(items)), faults), True

    def vectors(self, items: Sequence[Any], locate: Locate, *, skip: bool = False) -> Checked:
        """Check encoded vectors.

        Raises:
            BadInput: an item is invalid, unless such items are skipped.
        """
        faults = Faults(locate, skip=skip)
        return _collect((self._vector(i, item, faults) for i, item in enumerate(items)), faults)

    def _named(self, row: int, item: Any, faults: "Faults") -> Sequence[Any] | None:
        if not isinstance(item, dict):
            expected = f"{self._object}, like the other rows" if isinstance(item, list) else self.expected
            faults.add((row,), "type", lambda: f"expected {expected}; {kind_of(item)} is not allowed")
            return None
        before = faults.count
        if not self._schema.ignores_unknown_fields:
            for name in item.keys() - self._names.keys():
                faults.add((row, name[:LONGEST_NAME]), "extra_forbidden", lambda: f"unknown; expected {self._object}")
        if faults.skip and faults.count > before:
            return None
        values = self._values(row, [item.get(name, ABSENT) for name in self._names], faults)
        return values if faults.count == before else None

    def _values(self, row: int, values: Sequence[Any], faults: "Faults") -> Sequence[Any] | None:
        try:
            return astuple(msgspec.convert(values, self._schema.Values, strict=self._strict))
        except msgspec.ValidationError:  # A value is invalid, absent, or written in a way that only its check admits.
            before = faults.count
        found: list[Any] = []
        for cell, feature, value in zip(self.cells, self._schema.features, values, strict=True):
            if value is ABSENT and feature.optional:
                found.append(feature.absent)
                continue
            accepted = REFUSED if value is ABSENT else cell.accept(value)
            if accepted is REFUSED:
                faults.add((row, feature.name), cell.kind(value), partial(cell.message, value))
                if faults.skip:
                    return None
            found.append(accepted)
        return found if faults.count == before else None

    def _listed(self, row: int, item: Any, faults: "Faults") -> Sequence[Any] | None:
        count = len(self.cells)
        if not isinstance(item, list) or len(item) != count:
            got = f"got {len(item):,} values" if isinstance(item, list) else f"{kind_of(item)} is not allowed"
            faults.add((row,), "length", lambda: f"expected an array of {count} values, like the other rows; {got}")
            return None
        return self._values(row, item, faults)

    def _vector(self, row: int, item: Any, faults: "Faults") -> Sequence[Any] | None:
        width, before = self._schema.width, faults.count
        if not isinstance(item, list):
            faults.add((row,), "type", lambda: f"expected {self._array}; {kind_of(item)} is not allowed")
            return None
        if len(item) != width:
            faults.add((row,), "length", lambda: f"expected {self._array}; got {len(item):,} items")
            return None
        found = list(map(self._number.accept, item))
        for i in (i for i, value in enumerate(found) if value is REFUSED):
            faults.add((row, i), self._number.kind(item[i]), partial(self._number.message, item[i]))
        return found if faults.count == before else None


class Faults:
    """The faults of a body, up to a hundred; none are described if their rows are skipped."""

    def __init__(self, locate: Locate, *, skip: bool) -> None:
        """Set the function for the places, and whether rows with faults are skipped."""
        self.skip, self.count = skip, 0
        self.found: list[Fault] = []
        self._locate = locate

    def add(self, place: Place, kind: str, describe: Callable[[], str]) -> None:
        """Count a fault, and describe it if it is among the first."""
        self.count += 1
        if not self.skip and not self.full:
            self.found.append(Fault(self._locate(place), kind, describe()))

    @property
    def full(self) -> bool:
        """Whether no more faults will be described."""
        return len(self.found) >= MAX_FAULTS


def _collect(rows: Iterable[Sequence[Any] | None], faults: Faults) -> Checked:
    found, kept = [], []
    for position, row in enumerate(rows):
        if row is not None:
            found.append(row)
            kept.append(position)
        elif faults.full:
            break
    if faults.found:
        raise BadInput(*faults.found)
    return Checked(found, kept)


@lru_cache(maxsize=4)
def checks_of(schema: Schema, *, strict: bool = True) -> Checks:
    """Return the checks of a model; the live model's are cached."""
    return Checks(schema, strict=strict)
