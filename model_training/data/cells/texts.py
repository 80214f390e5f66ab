"""Convert a column of text to numbers, booleans, dates or text."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from function.model.cells import FALSE, TRUE
from model_training.data.cells.dates import ISO, FoundDates, find_dates
from model_training.data.cells.formats import PLAIN, Found, NumberFormat, find_format, is_ambiguous
from model_training.data.cells.missing import drop_missing, suspicious_words
from model_training.data.cells.reading import Cells, Options
from model_training.data.cells.series import every, to_booleans, to_numbers, to_objects

LARGEST_EXACT = 2**53
"""Integers above this are different from their neighbors as text only, not as numbers."""
OBVIOUS = ("true", "false")
"""The words that make a column boolean without `--kind`."""
LEADING_ZERO = r"^0\d+$"
INTEGER = r"^-?\d+$"
NUMBER = r"[-+]?\d[\d.,']*"
UNIT = re.compile(rf"{NUMBER}(\s+[^\W\d_][^\s\d]{{0,9}})")
"""A number with a unit, between which is a space: `3B` may be a class."""


def text_cells(texts: pa.Array, options: Options) -> Cells:
    """Convert a column of text, with remarks on what was changed."""
    present, found = drop_missing(texts, options.missing)
    if present.null_count == len(present):
        return Cells(pd.Series(np.full(len(present), np.nan)), remarks=tuple(found))
    cells = _present_cells(present, options)
    text = cells.series.dtype == object
    suspicious = suspicious_words(present) if text and not cells.remarks else []
    declared = options.declared and options.kind is None and not text
    kind = {"b": "booleans", "M": "dates"}.get(cells.series.dtype.kind, "numbers")
    read = [f"its text is read as {kind} ({options.keeping('text')} keeps the text)"] if declared else []
    return replace(cells, remarks=(*found, *read, *cells.remarks, *suspicious))


def _present_cells(present: pa.Array, options: Options) -> Cells:
    trimmed = compute.utf8_trim_whitespace(present)
    if options.kind in ("text", "drop"):
        return Cells(to_objects(present))
    if options.kind == "date":
        return _dates(trimmed, find_dates(trimmed, options.date_order, named=True), options)
    if options.kind == "boolean" or (options.kind != "category" and _all_in(OBVIOUS, trimmed)):
        return boolean_cells(trimmed)
    return _numbers_or_text(present, trimmed, options)


def _numbers_or_text(present: pa.Array, trimmed: pa.Array, options: Options) -> Cells:
    if options.kind != "number" and (reason := _code(trimmed)):
        return Cells(
            to_objects(present), remarks=(f"{reason}: used as text ({options.keeping('number')} reads numbers)",)
        )
    if (numbers := _plain_numbers(trimmed)) is not None:
        return _plain_cells(present, trimmed, numbers, options)
    if options.kind is None and options.dates and (dates := find_dates(trimmed, options.date_order)):
        return _dates(trimmed, dates, options) if dates.share == 1 else _strange_dates(present, dates, options)
    found = None if options.kind == "category" else find_format(trimmed, options.decimal, options.usual)
    return _formatted_cells(present, trimmed, found, options)


def _all_in(words: Sequence[str], trimmed: pa.Array) -> bool:
    return every(compute.is_in(compute.utf8_lower(trimmed.drop_null()), value_set=pa.array(words, trimmed.type)))


def _code(trimmed: pa.Array) -> str:
    """Return why a column of digits is no number but a code; empty if it may be one."""
    if not every(compute.match_substring_regex(trimmed, INTEGER)):
        return ""
    zeros = compute.match_substring_regex(trimmed, LEADING_ZERO)
    if (first := compute.index(zeros, True).as_py()) >= 0:
        return f"it has digits with leading zeros, such as {trimmed[first].as_py()!r}"
    largest = compute.max(compute.abs(trimmed.cast(pa.float64()))).as_py()
    return "it has integers over 2**53" if largest >= LARGEST_EXACT else ""


def _plain_numbers(trimmed: pa.Array) -> pa.Array | None:
    """Return numbers if all cells are plain numbers or infinite; the word nan is none."""
    try:
        numbers = trimmed.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    return None if compute.any(compute.is_nan(numbers)).as_py() else numbers


def _plain_cells(present: pa.Array, trimmed: pa.Array, numbers: pa.Array, options: Options) -> Cells:
    try:
        whole = trimmed.cast(pa.int64())
    except pa.ArrowInvalid:
        whole = None
    if options.kind == "category" and (whole is None or whole.null_count):
        return Cells(to_objects(present))
    if whole is not None:
        return Cells(to_numbers(whole))
    found = is_ambiguous(trimmed)
    if found is None or found.other is None:
        return Cells(to_numbers(numbers))
    if options.decimal == ",":
        return _parsed(trimmed, found.other)
    return Cells(to_numbers(numbers), remarks=(_suspicion(found),))


def _formatted_cells(present: pa.Array, trimmed: pa.Array, found: Found | None, options: Options) -> Cells:
    if found is None:
        if options.kind != "number":
            return Cells(to_objects(present), remarks=_units(trimmed) if options.kind is None else ())
        found = Found(PLAIN, 0)
    if found.share == 1:
        cells = _parsed(trimmed, found.format)
        remark = _suspicion(found) if found.other else ""
        return replace(cells, remarks=(remark,) if remark else ())
    if options.kind == "number":
        matched = compute.match_substring_regex(trimmed, found.format.pattern)
        cells = _parsed(compute.if_else(matched, trimmed, pa.scalar(None, trimmed.type)), found.format)
        lost = int(compute.sum(compute.invert(matched)).as_py())
        stray = found.stray or trimmed[compute.index(matched, False).as_py()].as_py()
        return replace(cells, remarks=(f"{lost:,} values that are no numbers count as missing, such as {stray!r}",))
    named = f" ({found.format.description})" if found.format.description else ""
    share = f"{found.share:.1%} of the values are numbers{named}, but {found.stray!r} is not: used as text"
    remedy = f'--missing "{found.stray}" or {options.keeping("number")} makes it missing'
    return Cells(to_objects(present), remarks=(f"{share} ({remedy})",))


def _units(trimmed: pa.Array) -> tuple[str, ...]:
    """Return a remark if all cells are numbers with the same unit, such as `182 cm`: they stay text."""
    first = UNIT.fullmatch(trimmed.drop_null()[0].as_py())
    if not first or not every(compute.match_substring_regex(trimmed, rf"^{NUMBER}{re.escape(first[1])}$")):
        return ()
    unit = first[1].strip()
    return (
        f"its values are numbers with the unit {unit!r}: used as text (remove the unit from the table to use numbers)",
    )


def _parsed(trimmed: pa.Array, notation: NumberFormat) -> Cells:
    plain = notation.plain(trimmed)
    try:
        return Cells(to_numbers(plain.cast(pa.int64())), notation.description, notation)
    except pa.ArrowInvalid:
        return Cells(to_numbers(plain.cast(pa.float64())), notation.description, notation)


def _suspicion(found: Found) -> str:
    if found.other is None:
        return ""
    read, instead = (each.parse(found.example) for each in (found.format, found.other))
    return f'{found.example!r} is read as {read:.15g} (--decimal "{found.other.decimal}" reads it as {instead:.15g})'


def _dates(trimmed: pa.Array, found: FoundDates | None, options: Options) -> Cells:
    """Convert text to dates; what is no date counts as missing."""
    notation = found.notation if found else ISO
    times = notation.parse(trimmed)
    remarks = []
    if found and found.other:
        (instead,) = found.other.parse(pa.array([found.example], pa.large_string()))
        (read,) = notation.parse(pa.array([found.example], pa.large_string()))
        remarks.append(
            f"{found.example!r} is read as {_day(read)} (--date-order {found.other.order} reads it as {_day(instead)})"
        )
    if notation.has_zones(trimmed):
        remarks.append("times with a zone are converted to UTC")
    if lost := int(np.isnat(times).sum()) - trimmed.null_count:
        remarks.append(f"{lost:,} values that are no dates count as missing")
    return Cells(pd.Series(times), notation.description, notation, tuple(remarks))


def _strange_dates(present: pa.Array, found: FoundDates, options: Options) -> Cells:
    """Keep text of which most cells are dates, and some are not."""
    share = f"{found.share:.1%} of the values are dates, but {found.stray!r} is not: used as text"
    remedy = f'--missing "{found.stray}" or {options.keeping("date")} makes it missing'
    return Cells(to_objects(present), remarks=(f"{share} ({remedy})",))


def _day(time: np.datetime64) -> str:
    return str(time.astype("datetime64[D]"))


def boolean_cells(trimmed: pa.Array) -> Cells:
    """Convert text to booleans; what is neither true nor false counts as missing."""
    lower = compute.utf8_lower(trimmed)
    true, false = (compute.is_in(lower, value_set=pa.array(words, lower.type)) for words in (TRUE, FALSE))
    known = compute.if_else(compute.or_(true, false), true, pa.scalar(None, pa.bool_()))
    lost = known.null_count - trimmed.null_count
    remark = f"{lost:,} values that are neither true nor false count as missing"
    return Cells(to_booleans(known), remarks=(remark,) if lost else ())
