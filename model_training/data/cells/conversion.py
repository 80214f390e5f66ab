"""Convert a column of cells to numbers, booleans or text, whether a CSV file holds it or a Parquet file."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute, types

from model_training.data.cells.dates import ISO, AmbiguousOrder, DateNotation, FoundDates, find_dates
from model_training.data.cells.formats import PLAIN, DecimalMark, Found, NumberFormat, find_format, is_ambiguous
from model_training.data.cells.missing import drop_missing, suspicious_words

WantedKind = Literal["number", "category", "text", "boolean", "date", "drop"]
"""Values of `--kind`."""
UseOfDates = Literal["parts", "drop"]
"""Values of `--dates`."""
LARGEST_EXACT = 2**53
"""Integers above this are different from their neighbors as text only, not as numbers."""
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")
FIRST_TIME, LAST_TIME = np.datetime64("0001-01-01T00:00:00"), np.datetime64("9999-12-31T23:59:59")
OBVIOUS = ("true", "false")
"""The words that make a column boolean without `--kind`."""
LEADING_ZERO = r"^0\d+$"
INTEGER = r"^-?\d+$"


@dataclass(frozen=True)
class Reading:
    """How to read the cells of a file."""

    missing: frozenset[str] = frozenset()
    """Words that mean a missing value, besides an empty cell."""
    kinds: Mapping[str, WantedKind] = field(default_factory=dict)
    """The kinds of some columns; the others are inferred."""
    decimal: DecimalMark | None = None
    """The decimal mark of numbers that can be read in two ways."""
    dates: UseOfDates | None = "parts"
    """What becomes of the dates in text; with None, text is never read as dates."""
    date_order: AmbiguousOrder | None = None
    """What comes first in dates that can be read in two ways."""

    def options(self, name: str) -> "Options":
        """Return how to read the cells of one column."""
        return Options(
            name,
            self.missing,
            self.kinds.get(name),
            self.decimal,
            dates=self.dates is not None,
            date_order=self.date_order,
        )


@dataclass(frozen=True)
class Options:
    """How to read the cells of one column."""

    name: str
    missing: frozenset[str] = frozenset()
    kind: WantedKind | None = None
    decimal: DecimalMark | None = None
    usual: DecimalMark = "."
    """The decimal mark to assume of numbers such as 1,234 that can be read in two ways."""

    dates: bool = True
    """Whether text may be read as dates."""
    date_order: AmbiguousOrder | None = None
    declared: bool = False
    """Whether the file declares the type of the column, as Parquet does."""

    def keeping(self, kind: WantedKind) -> str:
        """Return the option that gives this column a kind, quoted for a shell."""
        return kind_option(self.name, kind)


def kind_option(name: str, kind: WantedKind) -> str:
    """Return the option that gives a column a kind, quoted for a shell."""
    return f"--kind {shlex.quote(f'{name}={kind}')}"


@dataclass(frozen=True)
class Cells:
    """A converted column."""

    series: pd.Series
    """The values, of shape [n]: int64, float64, bool, datetime64 or objects; NaN is missing."""
    format: str = ""
    """The notation of the numbers or dates, such as `decimal comma`; empty if it is plain."""
    notation: NumberFormat | DateNotation | None = None
    remarks: tuple[str, ...] = ()


def convert_column(column: pa.ChunkedArray | pa.Array, options: Options) -> Cells:
    """Convert a column of text or of any other type of Arrow."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if types.is_string(values.type) or types.is_large_string(values.type) or types.is_string_view(values.type):
        return _text_cells(values.cast(pa.large_string()), options)
    return _typed_cells(values, options)


def _text_cells(texts: pa.Array, options: Options) -> Cells:
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
        return Cells(_objects(present))
    if options.kind == "date":
        return _dates(trimmed, find_dates(trimmed, options.date_order, named=True), options)
    if options.kind == "boolean" or (options.kind != "category" and _all_in(OBVIOUS, trimmed)):
        return _booleans(trimmed)
    return _numbers_or_text(present, trimmed, options)


def _numbers_or_text(present: pa.Array, trimmed: pa.Array, options: Options) -> Cells:
    if options.kind != "number" and (reason := _code(trimmed)):
        return Cells(
            _objects(present), remarks=(f"{reason}: used as text ({options.keeping('number')} reads numbers)",)
        )
    if (numbers := _plain_numbers(trimmed)) is not None:
        return _plain_cells(present, trimmed, numbers, options)
    if options.kind is None and options.dates and (dates := find_dates(trimmed, options.date_order)):
        return _dates(trimmed, dates, options) if dates.share == 1 else _strange_dates(present, dates, options)
    found = None if options.kind == "category" else find_format(trimmed, options.decimal, options.usual)
    return _formatted_cells(present, trimmed, found, options)


def _all_in(words: Sequence[str], trimmed: pa.Array) -> bool:
    return _all(compute.is_in(compute.utf8_lower(trimmed.drop_null()), value_set=pa.array(words, trimmed.type)))


def _code(trimmed: pa.Array) -> str:
    """Return why a column of digits is no number but a code; empty if it may be one."""
    if not _all(compute.match_substring_regex(trimmed, INTEGER)):
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
        return Cells(_objects(present))
    if whole is not None:
        return Cells(_numbers(whole))
    found = is_ambiguous(trimmed)
    if found is None or found.other is None:
        return Cells(_numbers(numbers))
    if options.decimal == ",":
        return _parsed(trimmed, found.other)
    return Cells(_numbers(numbers), remarks=(_suspicion(found),))


def _formatted_cells(present: pa.Array, trimmed: pa.Array, found: Found | None, options: Options) -> Cells:
    if found is None:
        if options.kind != "number":
            return Cells(_objects(present))
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
    return Cells(_objects(present), remarks=(f"{share} ({remedy})",))


def _parsed(trimmed: pa.Array, notation: NumberFormat) -> Cells:
    plain = notation.plain(trimmed)
    try:
        return Cells(_numbers(plain.cast(pa.int64())), notation.description, notation)
    except pa.ArrowInvalid:
        return Cells(_numbers(plain.cast(pa.float64())), notation.description, notation)


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
    return Cells(_objects(present), remarks=(f"{share} ({remedy})",))


def _day(time: np.datetime64) -> str:
    return str(time.astype("datetime64[D]"))


def _booleans(trimmed: pa.Array) -> Cells:
    lower = compute.utf8_lower(trimmed)
    true, false = (compute.is_in(lower, value_set=pa.array(words, lower.type)) for words in (TRUE, FALSE))
    known = compute.if_else(compute.or_(true, false), true, pa.scalar(None, pa.bool_()))
    lost = known.null_count - trimmed.null_count
    remark = f"{lost:,} values that are neither true nor false count as missing"
    return Cells(_boolean_series(known), remarks=(remark,) if lost else ())


def _typed_cells(values: pa.Array, options: Options) -> Cells:
    """Convert a column of a Parquet file that is not text."""
    for applies, convert in TYPED:
        if applies(values.type):
            return convert(values, options)
    return Cells(values.to_pandas(date_as_object=True))


def _decimal_cells(values: pa.Array, options: Options) -> Cells:
    if options.kind == "date":
        return _text_cells(values.cast(pa.large_string()), options)
    texts = values.cast(pa.string())  # Exact: the number that its digits mean.
    if values.type.scale == 0:
        return _integer_cells(texts, options)
    return Cells(_numbers(texts.cast(pa.float64())))


def _integer_cells(values: pa.Array, options: Options) -> Cells:
    texts = values.cast(pa.large_string())
    if options.kind == "date":
        return _text_cells(texts, options)
    if options.kind == "text" or (options.kind == "category" and values.null_count):
        return Cells(_objects(texts))
    if options.kind == "boolean":
        return _booleans(texts)
    largest = compute.max(compute.abs(texts.cast(pa.float64()))).as_py() or 0
    if largest >= LARGEST_EXACT and options.kind != "number":
        remark = f"it has integers over 2**53: used as text ({options.keeping('number')} makes it a number)"
        return Cells(_objects(texts), remarks=(remark,))
    return Cells(_numbers(texts.cast(pa.float64() if largest >= LARGEST_EXACT else pa.int64())))


def _float_cells(values: pa.Array, options: Options) -> Cells:
    if options.kind == "boolean":
        whole = compute.if_else(compute.is_in(values, value_set=pa.array([0, 1], values.type)), values, None)
        return Cells(_boolean_series(whole.cast(pa.bool_())))
    return Cells(_numbers(values.cast(pa.float64())))


def _boolean_cells(values: pa.Array, options: Options) -> Cells:
    if options.kind in ("text", "category"):
        return Cells(_objects(compute.if_else(values, "True", "False")))
    if options.kind == "number":
        return Cells(_numbers(values.cast(pa.int64())))
    return Cells(_boolean_series(values))


def _time_cells(values: pa.Array, options: Options) -> Cells:
    """Convert dates and times to seconds in UTC; those that ISO 8601 cannot write count as missing."""
    zone = getattr(values.type, "tz", None)
    # Times are floored: a cast would round those before 1970 up.
    days = types.is_date(values.type)
    floored = values.cast(pa.timestamp("s")) if days else compute.floor_temporal(values, unit="second")
    times = floored.cast(pa.timestamp("s", zone)).to_numpy(zero_copy_only=False).astype("datetime64[s]")
    if options.kind not in (None, "date", "drop"):
        whole = times.astype("datetime64[D]")
        written = whole if (whole == times)[~np.isnat(times)].all() else times
        texts = [None if np.isnat(time) else str(time) for time in written]
        return _text_cells(pa.array(texts, pa.large_string()), options)
    with np.errstate(invalid="ignore"):
        strange = (times < FIRST_TIME) | (times > LAST_TIME)
    remarks = ["times with a zone are converted to UTC"] if zone not in (None, "UTC") else []
    if strange.any():
        remarks.append(f"{strange.sum():,} dates before the year 1 or after 9999 count as missing")
    return Cells(pd.Series(np.where(strange, np.datetime64("NaT", "s"), times)), remarks=tuple(remarks))


def _null_cells(values: pa.Array, options: Options) -> Cells:
    return Cells(pd.Series(np.full(len(values), np.nan)))


TYPED: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, Options], Cells]], ...] = (
    (types.is_null, _null_cells),
    (types.is_boolean, _boolean_cells),
    (types.is_integer, _integer_cells),
    (types.is_floating, _float_cells),
    (types.is_decimal, _decimal_cells),
    (types.is_date, _time_cells),
    (types.is_timestamp, _time_cells),
)


def _numbers(values: pa.Array) -> pd.Series:
    """Return int64 if every value is present, otherwise float64."""
    typed = values.cast(pa.float64()) if values.null_count else values
    return pd.Series(typed.to_numpy(zero_copy_only=False), copy=True)


def _boolean_series(values: pa.Array) -> pd.Series:
    if not values.null_count:
        return pd.Series(values.to_numpy(zero_copy_only=False))
    objects = np.array([False, True, np.nan], dtype=object)
    return pd.Series(objects[values.cast(pa.int8()).fill_null(2).to_numpy()], dtype=object)


def _objects(texts: pa.Array) -> pd.Series:
    """Return text as objects, each distinct text once in memory."""
    encoded = texts.dictionary_encode()
    objects = np.array([*encoded.dictionary.to_pylist(), np.nan], dtype=object)
    return pd.Series(objects[encoded.indices.fill_null(len(objects) - 1).to_numpy()], dtype=object)


def _all(mask: pa.Array) -> bool:
    return bool(compute.all(mask).as_py())
