"""Read tables whose columns have names: find the column of each feature, then check the values of all rows at once."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from function.errors import BadInput, Fault
from function.inference.query import Query
from function.model.checks import MAX_FAULTS, Locate, checks_of
from function.model.faults import LONGEST_NAME, Place, listed
from function.model.manifest import Feature
from function.model.schema import Schema

Column = Sequence[Any]
Convert = Callable[[Column, Feature], Column]
"""Converts the cells of a feature's column to values."""


def arrange(names: Sequence[str], schema: Schema, place: Place) -> list[int | None]:
    """Return the position of the column of each feature; None for an optional feature without a column.

    Raises:
        BadInput: a feature has no column or two, or a column is no feature; `place` is that of the columns' names.
    """
    found = {name: position for position, name in enumerate(names)}
    faults = [
        Fault((*place, name[:LONGEST_NAME]), "value", "duplicate column; each feature needs one")
        for name, count in Counter(names).items()
        if count > 1
    ]
    if not schema.ignores_unknown_fields:
        expected = f"unknown; expected columns {listed(schema.names)}"
        faults += [
            Fault((*place, n[:LONGEST_NAME]), "extra_forbidden", expected) for n in found.keys() - {*schema.names}
        ]
    faults += [
        Fault((*place, feature.name), "missing", f"missing; expected columns {listed(schema.names)}")
        for feature in schema.features
        if feature.name not in found and not feature.optional
    ]
    if faults:
        raise BadInput(*faults[:MAX_FAULTS])
    return [found.get(feature.name) for feature in schema.features]


def read_records(
    names: Sequence[str],
    records: Sequence[Any],
    schema: Schema,
    locate: Locate,
    *,
    place: Place,
    skip: bool,
    convert: Convert | None = None,
) -> Query:
    """Read rows that are lists of values, in the order of `names`.

    Args:
        names: the names of the columns, whose place is `place`.
        records: the rows.
        schema: the types of the model.
        locate: turns a place among the rows into one in the body.
        place: the place of the names in the body.
        skip: whether invalid rows are skipped.
        convert: converts the cells of a column before they are checked.

    Raises:
        BadInput: the names do not match the features, or a row is invalid.
    """
    positions = arrange(names, schema, place)
    kept = [i for i, record in enumerate(records) if isinstance(record, list) and len(record) == len(names)]
    if len(kept) < len(records) and not skip:
        wrong = sorted(set(range(len(records))) - set(kept))[:MAX_FAULTS]
        expected = f"expected {len(names)} values, one for each column"
        raise BadInput(*[Fault(locate((row,)), "length", expected) for row in wrong])
    columns: list[Column] = list(zip(*(records[i] for i in kept), strict=True)) if kept else [()] * len(names)
    ordered = [None if position is None else columns[position] for position in positions]

    def locate_kept(within: Place) -> Place:
        return locate((kept[int(within[0])], *within[1:]))

    query = read_columns(ordered, len(kept), schema, locate_kept, skip=skip, convert=convert)
    if not skip:
        return query
    return replace(query, kept=[kept[i] for i in query.kept or ()], skipped=len(records) - query.rows)


def read_columns(
    columns: Sequence[Column | None],
    rows: int,
    schema: Schema,
    locate: Locate,
    *,
    skip: bool,
    convert: Convert | None = None,
) -> Query:
    """Read one column of `rows` values for each feature, in the manifest's order; None for an absent one.

    Raises:
        BadInput: a value is invalid, unless such rows are skipped.
    """
    values = [
        [feature.absent] * rows if column is None else convert(column, feature) if convert else column
        for column, feature in zip(columns, schema.features, strict=True)
    ]
    try:
        table = msgspec.convert(dict(zip(schema.names, values, strict=True)), schema.Table)
        return Query(rows, schema.arrays(table), kept=range(rows) if skip else None)
    except msgspec.ValidationError:
        checked = checks_of(schema).values(zip(*values, strict=True), locate, skip=skip)
    found = len(checked.rows)
    return Query(found, schema.columns_of(checked.rows), kept=checked.kept if skip else None, skipped=rows - found)
