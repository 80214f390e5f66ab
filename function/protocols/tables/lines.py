"""NDJSON: a row a line, each a JSON object or an array; https://github.com/ndjson/ndjson-spec."""

import io
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any

import msgspec

from function.errors import BadInput, Fault, TooLarge
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.checks import MAX_FAULTS
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.decoding import ERRORS, malformation
from function.protocols.instances import read_lines, read_rows
from function.protocols.predictions import (
    ExplainedPrediction,
    Parameters,
    ResponseOptions,
    asking,
    in_lines,
    place_of,
    values_of,
)
from function.protocols.tables import NDJSON_TYPE


def decode(body: bytes, model: LoadedModel, parameters: Parameters, max_rows: int) -> Query:
    """Decode a row a line; blank lines are skipped.

    Raises:
        BadInput: a row is invalid; the faults have the line, counted from 1, and the field.
        TooLarge: there are more rows than `max_rows`, of which none is checked.
    """
    query, lines = read_lines(body, model.schema, parameters), body.count(b"\n") + (not body.endswith(b"\n"))
    numbers: Sequence[int] = range(1, lines + 1)
    if query is None or query.rows != lines:
        present = ((number, line) for number, line in enumerate(io.BytesIO(body), 1) if line.strip())
        content = list(islice(present, max_rows + 1))
        if len(content) > max_rows:
            raise TooLarge.rows(max_rows)
        numbers = [number for number, _ in content]
        query = _read([line for _, line in content], numbers, model, parameters)
    options = ResponseOptions(parameters.output, ("line",), lines=numbers)
    return asking(query, options, model, ("query", "output"))


def _read(lines: Sequence[bytes], numbers: Sequence[int], model: LoadedModel, parameters: Parameters) -> Query:
    """Read the lines one by one, because one is blank, invalid or written in a way that only the checks admit."""
    rows = _rows(lines, numbers, skip=parameters.on_error == "null")
    return read_rows(rows, model.schema, in_lines(numbers), parameters)


def _rows(lines: Sequence[bytes], numbers: Sequence[int], *, skip: bool) -> list[Any]:
    """Decode each line; a line that is no JSON fails the body, or is null if invalid rows are skipped."""
    rows: list[Any] = []
    faults: list[Fault] = []
    decode_line = msgspec.json.Decoder().decode
    for line, number in zip(lines, numbers, strict=True):
        try:
            rows.append(decode_line(line))
        except ERRORS as error:
            rows.append(None)
            fault = malformation(error, line)
            faults.append(Fault(("line", number), fault.type, fault.msg.replace("body", "line")))
            if len(faults) == MAX_FAULTS and not skip:
                break
    if faults and not skip:
        raise BadInput(*faults)
    return rows


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode a prediction a line: an object with the key `prediction`; an explanation is such an object itself."""
    values = values_of(query, outputs, model)
    lines = [value if isinstance(value, ExplainedPrediction) else {"prediction": value} for value in values]
    return Encoded(msgspec.json.Encoder().encode_lines(lines), NDJSON_TYPE)


def codec(parameters: Parameters, max_rows: int) -> Codec:
    """Return the codec of a request."""
    return Codec(partial(decode, parameters=parameters, max_rows=max_rows), place_of, encode)
