"""Convert the cells of CSV to values of a feature, as the cells of its training data were read.

A cell is read by itself, so that a prediction never depends on the other rows of a request. What training decided by
the whole column (a decimal comma, the order of dates) is in the manifest; a cell that could still be read in two ways
stays text, which is then refused.
"""

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from msgspec import UNSET

from function.model.cells import BOOLEANS, number_of, text_of
from function.model.dates import PATTERNS, DateFormat
from function.model.manifest import CellReading, Feature, Manifest, Reading
from function.model.schema import LARGEST_NUMBER
from function.protocols.columns import Column, Convert

USUAL = CellReading()
SPACES = " \u00a0\u202f"
GROUPED = {
    mark: re.compile(
        rf"[-+]?[1-9]\d{{0,2}}([{other}'\u2019{SPACES}])\d{{3}}(?:\1\d{{3}})*(?:{re.escape(mark)}\d+)?", re.ASCII
    )
    for mark, other in ((".", ","), (",", "."))
}
"""Numbers with a separator of thousands, by their decimal mark."""
WITH_COMMA = re.compile(r"[-+]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][-+]?\d+)?", re.ASCII)
AMBIGUOUS = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
"""With a decimal comma, points may separate thousands."""
YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?P<time>\D.*)?", re.ASCII)
YEAR_LAST = {
    "month": re.compile(r"(?P<month>\d{1,2})([-/.])(?P<day>\d{1,2})\2(?P<year>\d{4})(?P<time>\D.*)?", re.ASCII),
    "day": re.compile(r"(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})\2(?P<year>\d{4})(?P<time>\D.*)?", re.ASCII),
}
DATE_LIKE = re.compile(r"\d{8}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", re.ASCII)
"""What may be a date in another order than that of the training data, or no day of the calendar."""
MIDNIGHT = re.compile(r"[Tt ]00:00(?::00(?:[.,]0+)?)?")

Parse = Callable[[str], Any]


def conversion(manifest: Manifest) -> Convert:
    """Return how to convert the cells of a column; each distinct cell is read once, because most columns have few."""
    reading = manifest.reading or Reading()
    missing = frozenset(reading.missing)

    def convert(cells: Column, feature: Feature) -> Column:
        parse = _parser(feature, reading.columns.get(feature.name, USUAL))
        known = {cell: None if _is_missing(cell, missing) else parse(cell) for cell in set(cells)}
        return [known[cell] for cell in cells]

    return convert


def _is_missing(cell: str, words: Collection[str]) -> bool:
    return cell in words or not cell.strip()


def _parser(feature: Feature, reading: CellReading) -> Parse:
    if feature.format is not UNSET:
        parse = _dates(feature.format, reading)
        return _named_dates(parse, feature.format) if reading.kind == "date" else parse
    if feature.type == "string":
        known: frozenset[Any] = frozenset(feature.categories or ())
        return partial(text_of, known=known)
    if feature.type == "boolean":
        return _named(lambda cell: BOOLEANS.get(cell.strip().lower(), cell), bool, named=reading.kind == "boolean")
    return _named(_numbers(feature, reading), (int, float), named=reading.kind == "number")


def _named(parse: Parse, kind: Any, *, named: bool) -> Parse:
    """Return a parser for which a cell of another type is missing, if the user named the kind of the column."""
    if not named:
        return parse

    def parsed(cell: str) -> Any:
        value = parse(cell)
        return value if isinstance(value, kind) or (kind is not bool and _is_ambiguous(cell)) else None

    return parsed


def _is_ambiguous(cell: str) -> bool:
    """Return whether a cell may be a number in a notation that is not that of the training data."""
    return any(character.isdigit() for character in cell)


def _named_dates(parse: Parse, kind: DateFormat) -> Parse:
    """Return a parser for which a cell that is no date is missing, because the user named the kind of the column."""
    allowed = re.compile(PATTERNS[kind])

    def parsed(cell: str) -> Any:
        value = parse(cell)
        return value if allowed.search(value) or DATE_LIKE.match(cell.strip()) else None

    return parsed


def _numbers(feature: Feature, reading: CellReading) -> Parse:
    whole, mark = feature.type == "integer", reading.decimal or None

    def parse(cell: str) -> Any:
        text = _plain(cell.strip(), mark)
        if text and not text.isascii() and feature.type != "any":  # Only Python reads digits of other scripts.
            return cell
        value = number_of(text, whole=whole)
        if not isinstance(value, float | int):
            return cell
        # Infinite and very large numbers count as missing in training.
        return None if feature.nullable and isinstance(value, float) and abs(value) > LARGEST_NUMBER else value

    return parse


def _plain(text: str, mark: str | None) -> str | None:
    """Rewrite a number as one with a decimal point alone; None if it can be read in two ways."""
    if mark is None:
        return text
    if (grouped := GROUPED[mark].fullmatch(text)) and (mark != "," or grouped[1] != "." or "," in text):
        return text.replace(grouped[1], "").replace(",", ".")
    if mark == "," and WITH_COMMA.fullmatch(text):
        return text.replace(",", ".")
    return None if mark == "," and AMBIGUOUS.fullmatch(text) else text


def _dates(kind: DateFormat, reading: CellReading) -> Parse:
    """Return a parser of dates in ISO 8601, or in the order that is known from the training data."""
    patterns = [YEAR_FIRST, *([YEAR_LAST[reading.date_order]] if reading.date_order else [])]

    def parse(cell: str) -> str:
        text = cell.strip()
        found = next((match for pattern in patterns if (match := pattern.fullmatch(text))), None)
        if found is None:
            return text
        time = found["time"] or ""
        day = f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"
        return day if kind == "date" and MIDNIGHT.fullmatch(time) else day + time

    return parse
