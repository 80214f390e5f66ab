"""Arrow's IPC stream as a format of requests and responses: one column for each feature, one for each output."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from function.errors import BadInput, Fault, TooLarge
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.checks import MAX_FAULTS, checks_of
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.model.schema import Schema
from function.protocols.columns import arrange
from function.protocols.instances import read_rows
from function.protocols.predictions import Parameters, ResponseOptions, asking, columns_of, place_of
from function.protocols.tables import ARROW_TYPE
from function.protocols.tables.arrow.features import Piece, piece_of, piece_of_dictionary
from function.protocols.tables.arrow.messages import Part, Stream, read_stream
from function.protocols.tables.arrow.metadata import DAMAGED, Field
from function.protocols.tables.arrow.vectors import Mask, Vector, concatenated, read_vectors
from function.protocols.tables.arrow.writing import write_stream

PANDAS_INDEX = re.compile(r"__index_level_\d+__")
"""Columns that pandas adds for the index of a table."""
COLUMNS, ROWS = ("columns",), ("rows",)


class _Table(NamedTuple):
    """The columns that are features, and the dictionaries so far, by id."""

    fields: Sequence[Field]
    features: dict[int, int]
    """The position of the feature of each column that is one, by the column's position."""
    dictionaries: dict[int, list[Vector]]


def decode(body: bytes, model: LoadedModel, parameters: Parameters, max_rows: int) -> Query:
    """Decode a stream with a column for each feature.

    Raises:
        BadInput: the stream is damaged, or a value is invalid; the faults have the row and the column.
        TooLarge: there are more rows than `max_rows`, of which none is read.
    """
    stream = read_stream(body)
    rows = sum(part.batch.length for part in stream.parts if part.batch.dictionary is None)
    if rows > max_rows:
        raise TooLarge(f"The body has {rows} rows. The limit of a request is {max_rows} rows.")
    names = [field.name for field in stream.fields]
    own = [position for position, name in enumerate(names) if not PANDAS_INDEX.fullmatch(name)]
    if model.schema.names:
        places = arrange([names[position] for position in own], model.schema, COLUMNS)
        features = {own[place]: feature for feature, place in enumerate(places) if place is not None}
        query = _read(stream, _Table(stream.fields, features, {}), model.schema, skip=parameters.on_error == "null")
    else:
        query = _read_unnamed(stream, own, model.schema, parameters)
    return asking(query, ResponseOptions(parameters.output, ROWS), model, ("query", "output"))


def _read(stream: Stream, table: _Table, schema: Schema, *, skip: bool) -> Query:
    """Read the batches in order."""
    columns: list[list[Any]] = [[] for _ in schema.features]
    kept: list[Any] = []
    faults: list[Fault] = []
    start = 0
    for part in stream.parts:
        if part.batch.dictionary is not None:
            _keep_dictionary(part, table)
            continue
        rows, pieces = part.batch.length, _pieces(part, table, schema)
        bad = _any_bad(pieces)
        if bad is not None and not skip:
            faults += _faults(pieces, bad, start, schema, MAX_FAULTS - len(faults))
        good = None if bad is None else ~bad
        for column, piece in zip(columns, pieces, strict=True):
            column.append(piece.of(good))
        kept.append(np.arange(start, start + rows) if good is None else start + np.flatnonzero(good))
        start += rows
    if faults:
        raise BadInput(*faults)
    joined = [np.concatenate(column) if column else schema.array(i, []) for i, column in enumerate(columns)]
    found = sum(map(len, kept))
    positions = np.concatenate(kept).tolist() if skip and kept else []
    return Query(found, joined, kept=positions if skip else None, skipped=start - found)


def _keep_dictionary(part: Part, table: _Table) -> None:
    number = part.batch.dictionary or 0
    field = next((field for field in table.fields if field.encoding and field.encoding.id == number), None)
    if field is None or part.batch.length > len(part.body):
        raise BadInput(DAMAGED)
    (vector,) = read_vectors(part, [field], encoded=False)
    if vector is None:
        raise BadInput(Fault((*COLUMNS, field.name), "type", f"dictionaries of type {field.type} are not read"))
    known = table.dictionaries.get(number, []) if part.batch.delta else []
    table.dictionaries[number] = [*known, vector]


def _pieces(part: Part, table: _Table, schema: Schema) -> list[Piece]:
    """Convert the columns of a batch, in the order of the features."""
    cells = checks_of(schema).cells
    found: dict[int, Piece] = {}
    for position, vector in enumerate(read_vectors(part, table.fields)):
        if (i := table.features.get(position)) is None:
            continue
        field, feature, build = table.fields[position], schema.features[i], partial(schema.array, i)
        if field.encoding is None or vector is None:
            found[i] = piece_of(vector, field, feature, cells[i], build)
        else:
            dictionary = _dictionary(field, table)
            found[i] = piece_of_dictionary(vector, dictionary, field, feature, cells[i], build)
    rows = part.batch.length
    for i, feature in enumerate(schema.features):
        if i not in found:
            absent = schema.array(i, [feature.absent])
            found[i] = Piece(absent, np.zeros(rows, np.int64), None, lambda row: None)
    return [found[i] for i in range(len(schema.features))]


def _dictionary(field: Field, table: _Table) -> Vector:
    number = field.encoding.id if field.encoding else 0
    first = next(each for each in table.fields if each.encoding and each.encoding.id == number)
    if number not in table.dictionaries or (first.type, first.dtype) != (field.type, field.dtype):
        raise BadInput(Fault((*COLUMNS, field.name), "arrow_invalid", "the column has no dictionary"))
    parts = table.dictionaries[number]
    if len(parts) > 1:
        parts[:] = [concatenated(parts)]
    return parts[0]


def _any_bad(pieces: Sequence[Piece]) -> Mask | None:
    masks = [piece.bad for piece in pieces if piece.bad is not None]
    return np.any(masks, axis=0) if masks else None


def _faults(pieces: Sequence[Piece], bad: Mask, start: int, schema: Schema, most: int) -> list[Fault]:
    cells = checks_of(schema).cells
    faults: list[Fault] = []
    for row in np.flatnonzero(bad)[:most].tolist():
        for piece, cell, name in zip(pieces, cells, schema.names, strict=True):
            if piece.bad is not None and piece.bad[row]:
                value = piece.value_at(row)
                faults.append(Fault((*ROWS, start + row, name), cell.kind(value), cell.message(value)))
    return faults[:most]


def _read_unnamed(stream: Stream, columns: Sequence[int], schema: Schema, parameters: Parameters) -> Query:
    """Read the columns as arrays, for a model whose features have no names."""
    rows: list[list[Any]] = []
    for part in stream.parts:
        if part.batch.dictionary is not None or any(field.encoding for field in stream.fields):
            raise BadInput(Fault(COLUMNS, "type", "expected numbers: this model has no names of features"))
        values: list[Any] = [None] * len(stream.fields)
        for position, vector in enumerate(read_vectors(part, stream.fields)):
            values[position] = _numbers(vector, stream.fields[position]) if position in columns else None
        rows += map(list, zip(*(values[position] for position in columns), strict=True))
    return read_rows(rows, schema, lambda within: (*ROWS, *within), parameters)


def _numbers(vector: Vector | None, field: Field) -> list[Any]:
    if vector is None or field.type not in ("int", "float", "bool", "null"):
        raise BadInput(Fault((*COLUMNS, field.name), "type", "expected numbers: this model has no names of features"))
    values, valid = vector.values.tolist(), vector.valid
    missing = [value != value for value in values] if valid is None else (~valid).tolist()  # noqa: PLR0124
    return [
        None if is_missing or value != value else value  # noqa: PLR0124
        for value, is_missing in zip(values, missing, strict=True)
    ]


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode the predictions as a stream of one batch; null for a row that was skipped."""
    columns = columns_of(query.options.output, outputs, model)
    rows, valid = query.rows + query.skipped, None
    if query.skipped:
        valid = np.zeros(rows, np.bool_)
        valid[list(query.kept or ())] = True
    return Encoded(write_stream(columns, rows, valid), ARROW_TYPE)


def codec(parameters: Parameters, max_rows: int) -> Codec:
    """Return the codec of a request."""
    return Codec(partial(decode, parameters=parameters, max_rows=max_rows), place_of, encode)
