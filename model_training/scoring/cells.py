"""Convert the cells of a table to the values of a feature, by the rules of its training data."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import UNSET
from pyarrow import compute

from function.model.cells import BOOLEANS, number_of, text_of
from function.model.dates import DateFormat, write_time
from function.model.manifest import Feature
from function.model.schema import LARGEST_NUMBER
from model_training.data.cells.dates import DateNotation
from model_training.data.cells.missing import is_missing
from model_training.data.cells.reading import Options
from model_training.scoring.rules import Notation

Parse = Callable[[Any], Any]


def convert_cells(values: list[Any], feature: Feature, options: Options, notation: Notation | None) -> list[Any]:
    """Convert cells to values of a feature, each distinct cell once, because most columns have few.

    Cells that are no such value stay as they are, for the schema to refuse; if the user named the kind of the
    column, they are missing, as they were in training.
    """
    try:
        distinct = set(values)
    except TypeError:  # Parquet has unhashable cells, such as lists, which no feature supports.
        return values
    parse = _parser(feature, distinct, options, notation)
    known = {cell: None if is_missing(cell, options.missing) else parse(cell) for cell in distinct}
    return [known[value] for value in values]


def _parser(feature: Feature, distinct: Collection[Any], options: Options, notation: Notation | None) -> Parse:
    if feature.format is not UNSET:
        return _date_parser(feature.format, distinct, options, notation)
    if feature.type == "string":
        return _text_parser(feature)
    if feature.type == "boolean":
        return _named(_boolean, bool, named=options.kind == "boolean")
    return _named(_number_parser(feature, distinct, options, notation), (int, float), named=options.kind == "number")


def _named(parse: Parse, kind: Any, *, named: bool) -> Parse:
    """Return a parser for which a cell of another type is missing, if the user named the kind of the column."""
    if not named:
        return parse

    def parsed(cell: Any) -> Any:
        value = parse(cell)
        return value if isinstance(value, kind) else None

    return parsed


def _boolean(cell: Any) -> Any:
    return BOOLEANS.get(cell.strip().lower(), cell) if isinstance(cell, str) else {0: False, 1: True}.get(cell, cell)


def _text_parser(feature: Feature) -> Parse:
    known = frozenset(feature.categories or ())

    def parse(cell: Any) -> Any:
        if isinstance(cell, str):
            return text_of(cell, known)
        return f"{cell:.15g}" if isinstance(cell, float) else str(cell)

    return parse


def _number_parser(feature: Feature, distinct: Collection[Any], options: Options, notation: Notation | None) -> Parse:
    plain = {} if notation is None or isinstance(notation, DateNotation) else _plain(distinct, notation)
    whole, written = feature.type == "integer", notation is not None

    def parse(cell: Any) -> Any:
        if written and isinstance(cell, str):
            return number_of(plain[cell], whole=whole) if cell in plain else cell
        if isinstance(cell, bool) and options.kind == "number":
            return int(cell)
        value = number_of(cell, whole=whole)
        # Infinite and very large numbers count as missing in training.
        return None if feature.nullable and isinstance(value, float) and abs(value) > LARGEST_NUMBER else value

    return parse


def _plain(distinct: Collection[Any], notation: Any) -> dict[str, str]:
    """Return the numbers in a notation as plain numbers; cells in another notation are left out."""
    texts = [cell for cell in distinct if isinstance(cell, str)]
    trimmed = compute.utf8_trim_whitespace(pa.array(texts, pa.large_string()))
    matched = compute.match_substring_regex(trimmed, notation.pattern).to_pylist()
    plain = notation.plain(trimmed).to_pylist()
    return {text: number for text, number, fits in zip(texts, plain, matched, strict=True) if fits}


def _date_parser(kind: DateFormat, distinct: Collection[Any], options: Options, notation: Notation | None) -> Parse:
    texts = [cell for cell in distinct if isinstance(cell, str)]
    known: dict[str, str] = {}
    if isinstance(notation, DateNotation):
        times = notation.parse(compute.utf8_trim_whitespace(pa.array(texts, pa.large_string())))
        known = {text: _written(time, kind) for text, time in zip(texts, times, strict=True) if not np.isnat(time)}

    def parse(cell: Any) -> Any:
        if isinstance(cell, date):  # A datetime is a date, too.
            return _written(_instant(cell), kind)
        found = known.get(cell) if isinstance(cell, str) else None
        return found if found is not None or options.kind == "date" else cell

    return parse


def _instant(time: date) -> np.datetime64:
    """Return a date or time of Python's in UTC."""
    if isinstance(time, datetime) and time.tzinfo:
        time = time.astimezone(timezone.utc).replace(tzinfo=None)
    return np.datetime64(time, "s")


def _written(time: np.datetime64, kind: DateFormat) -> str:
    """Write a time as text; one that a feature of dates alone does not support keeps its time, to be refused."""
    whole = time.astype("datetime64[D]") == time
    return write_time(time, kind if whole else "date-time")
