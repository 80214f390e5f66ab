"""CSV: a header with the names of the features, then a row a line; RFC 4180 and RFC 7111."""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from function.errors import BadInput, Fault, TooLarge
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.cells import number_of
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.model.schema import Schema
from function.protocols.columns import read_records
from function.protocols.instances import read_rows
from function.protocols.predictions import Parameters, ResponseOptions, asking, columns_of, in_lines, place_of
from function.protocols.tables import CSV_TYPE, Header
from function.protocols.tables.cells import conversion

NOT_UTF8 = Fault((), "csv_invalid", "The body is not valid UTF-8.")
EMPTY = Fault(
    (), "csv_invalid", "The body has no rows. Send a header with the names of the features, then a row a line."
)
NO_COMMAS = "the values of a line must be separated by commas"
OTHER_SEPARATORS = frozenset(";\t|")
Lines = Sequence[int]
MAX_LINE = 2**19
"""How many characters a line may have."""


def decode(body: bytes, model: LoadedModel, parameters: Parameters, header: Header | None, max_rows: int) -> Query:
    """Decode CSV; without `header`, the first line is one if any of its cells is the name of a feature.

    Raises:
        BadInput: the body is no CSV, or a row is invalid; the faults have the line, counted from 1, and the column.
        TooLarge: there are more rows than `max_rows`, of which none is converted.
    """
    schema = model.schema
    records, lines = _records(body, max_rows + 1)
    if not records:
        raise BadInput(EMPTY)
    if len(schema.names) > 1 and len(records[0]) == 1 and OTHER_SEPARATORS & set(records[0][0]):
        raise BadInput(Fault(("line", lines[0]), "csv_invalid", NO_COMMAS))
    if header is None:
        header = "present" if not _is_row(records[0], schema) else "absent"
    names = None
    if header == "present":
        names, records, lines = records[0], records[1:], lines[1:]
    if len(records) > max_rows:
        raise TooLarge.rows(max_rows)
    query = _read(names, records, lines, model, parameters)
    options = ResponseOptions(parameters.output, ("line",), lines=lines)
    return asking(query, options, model, ("query", "output"))


def _records(body: bytes, most: int) -> tuple[list[list[str]], Lines]:
    """Return up to `most` records and one more, without blank lines, and the line on which each begins."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(NOT_UTF8) from None
    records, lines, end = [], [], 0
    reader = csv.reader(_lines(text), strict=True)
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(end + 1)
                if len(records) > most:
                    break
            end = reader.line_num
    except csv.Error as error:
        expected = "a line is no CSV: check its quotes" if "field limit" not in str(error) else "a cell is too long"
        raise BadInput(Fault(("line", end + 1), "csv_invalid", expected)) from None
    return records, lines


def _lines(text: str) -> Iterator[str]:
    """Yield the lines; other requests can be handled between two of them, but not within one."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > MAX_LINE:
            raise BadInput(Fault(("line", number), "csv_invalid", f"the line has more than {MAX_LINE:,} characters"))
        yield line


def _is_row(record: Sequence[str], schema: Schema) -> bool:
    """Return whether the first record is a row rather than a header."""
    if schema.names:
        return not set(record) & set(schema.names)
    return all(isinstance(number_of(cell), float) for cell in record)


def _read(
    names: list[str] | None, records: list[list[str]], lines: Lines, model: LoadedModel, parameters: Parameters
) -> Query:
    schema, skip, locate = model.schema, parameters.on_error == "null", in_lines(lines)
    if schema.names and names is None and any(len(record) == schema.row_length for record in records):
        names = schema.names
    if schema.names and names is not None:
        convert = conversion(model.manifest)
        return read_records(names, records, schema, locate, place=("line", 1), skip=skip, convert=convert)
    numbers: list[list[Any]] = [[number_of(cell) for cell in record] for record in records]
    return read_rows(numbers, schema, locate, parameters)


def encode(query: Query, outputs: Outputs, model: LoadedModel, header: Header) -> Encoded:
    """Encode the predictions as CSV: a line a row, after a header unless it is left out; empty for a skipped row."""
    columns = columns_of(query.options.output, outputs, model)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if header == "present":
        writer.writerow(columns)
    writer.writerows(zip(*(_cells(query.spread(column.tolist())) for column in columns.values()), strict=True))
    return Encoded(text.getvalue().encode(), f"{CSV_TYPE}; charset=utf-8; header={header}")


def _cells(values: list[Any]) -> list[Any]:
    """Write numbers in full precision, and booleans as in JSON."""
    return [str(value).lower() if isinstance(value, bool) else value for value in values]


def codec(parameters: Parameters, header: Header | None, max_rows: int) -> Codec:
    """Return the codec of a request, whose response has a header."""
    decoding = partial(decode, parameters=parameters, header=header, max_rows=max_rows)
    return Codec(decoding, place_of, partial(encode, header="present"))
