"""Recognize and parse the dates and times in a column of text: their order, their separator, and their zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

DateOrder = Literal["year", "month", "day"]
"""What comes first."""
AmbiguousOrder = Literal["month", "day"]
ORDERS: dict[DateOrder, tuple[str, str, str]] = {
    "year": ("year", "month", "day"),
    "day": ("day", "month", "year"),
    "month": ("month", "day", "year"),
}
DIGITS = {"year": "[0-9]{4}", "month": "[0-9]{1,2}", "day": "[0-9]{1,2}"}
TIME = (
    "(?:[Tt ] *(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    "(?: ?(?P<half>[AaPp][Mm]))?(?: ?(?P<zone>Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
LOOKS_LIKE = "^(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})(?:[Tt ]|$)"
SAMPLED = 1000
MONTHS = HOURS_OF_HALF = 12

Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class DateNotation:
    """A notation of dates, with or without a time."""

    order: DateOrder
    separator: str

    @property
    def pattern(self) -> str:
        """The regular expression of a date in this notation."""
        parts = [f"(?P<{part}>{DIGITS[part]})" for part in ORDERS[self.order]]
        return "^" + f"[{self.separator}]".join(parts) + TIME + "$" if self.separator else COMPACT

    @property
    def description(self) -> str:
        """A few words for a table of columns; empty for ISO 8601."""
        return "" if self == ISO else self.separator.join(ORDERS[self.order]) or "yearmonthday"

    def parse(self, texts: pa.Array) -> Times:
        """Parse texts, [n], to datetime64 in seconds, UTC; NaT if it is null, in another notation, or no such day."""
        encoded = texts.dictionary_encode()
        known = np.append(self._parse(encoded.dictionary), np.datetime64("NaT", "s"))
        found: Times = known[encoded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
        return found

    def _parse(self, texts: pa.Array) -> Times:
        found = compute.extract_regex(texts.cast(pa.large_string()), self.pattern)
        fields = {found.type.field(i).name: found.field(i) for i in range(found.type.num_fields)}
        matched = found.is_valid().to_numpy(zero_copy_only=False)
        year, month, day = (_whole(fields[part]) for part in ("year", "month", "day"))
        hour, minute, second = (_whole(fields[part]) for part in ("hour", "minute", "second"))
        hour, possible = _full_hour(hour, fields["half"])
        months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
        days = months.astype("datetime64[D]") + (day - 1)
        # The 30th of February is in March.
        exists = (year > 0) & (month >= 1) & (month <= MONTHS) & (day >= 1) & (days.astype("datetime64[M]") == months)
        exists &= possible & (minute < 60) & (second < 60)  # noqa: PLR2004
        seconds = hour * 3600 + minute * 60 + second - _offset(fields["zone"])
        times: Times = np.where(matched & exists, days.astype("datetime64[s]") + seconds, np.datetime64("NaT", "s"))
        return times

    def has_zones(self, texts: pa.Array) -> bool:
        """Return whether any text in this notation names a zone other than UTC."""
        found = compute.extract_regex(texts.cast(pa.large_string()), self.pattern)
        zones = compute.unique(compute.struct_field(found, "zone").drop_null()).to_pylist()
        return any(_seconds_of(zone) for zone in zones)


COMPACT = f"^(?P<year>[0-9]{{4}})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}){TIME}$"
ISO = DateNotation("year", "-")
DIGITS_ALONE = DateNotation("year", "")
"""Only if the user says that the column holds dates: 20240531 may be any number."""
SEPARATORS = "-/."


class FoundDates(NamedTuple):
    """The notation of a column of dates, or of most of it."""

    notation: DateNotation
    share: float
    """The share of the cells that are dates in this notation."""
    stray: str = ""
    """A cell that is not."""
    other: DateNotation | None = None
    """A notation that reads all cells too, but some as other dates."""
    example: str = ""
    """A cell that the other notation reads as another date."""


def find_dates(texts: pa.Array, order: AmbiguousOrder | None = None, *, named: bool = False) -> FoundDates | None:
    """Find the notation in which most cells of a column are dates; None if it is no column of dates.

    Args:
        texts: cells without spaces around them, of shape [n]; missing ones are null.
        order: what comes first in dates that can be read in two ways, such as 01/02/2024; None decides by the cells,
            then by the separator: with slashes the month comes first, otherwise the day.
        named: whether the user says that the column holds dates.
    """
    present = texts.drop_null()
    sample = present.take(pa.array(np.linspace(0, len(present) - 1, min(SAMPLED, len(present))).astype(int)))
    if not named and not compute.mean(compute.match_substring_regex(sample, LOOKS_LIKE)).as_py():
        return None
    candidates = [DateNotation(first, mark) for mark in SEPARATORS for first in ORDERS]
    shares = [_share(each, sample) for each in [*candidates, *([DIGITS_ALONE] if named else [])]]
    best = max(shares)
    if not named and best <= 1 / 2:
        return None
    likely = [each for each, share in zip([*candidates, DIGITS_ALONE], shares, strict=False) if share == best]
    found = {each: _share(each, present) for each in likely}
    best = max(found.values())
    return _choose([each for each, share in found.items() if share == best], present, best, order)


def _choose(every: Sequence[DateNotation], present: pa.Array, share: float, order: AmbiguousOrder | None) -> FoundDates:
    """Choose among the notations that read the same number of cells: the month first, or the day."""
    usual = order or ("month" if every[0].separator == "/" else "day")
    chosen = next((each for each in every if each.order == usual), every[0])
    times = chosen.parse(present)
    if share < 1:
        stray = int(np.isnat(times).argmax())
        return FoundDates(chosen, share, present[stray].as_py())
    other = next((each for each in every if each != chosen), None)
    differs = np.zeros(1, bool) if other is None else other.parse(present) != times
    if order or not differs.any():
        return FoundDates(chosen, share)
    return FoundDates(chosen, share, "", other, present[int(differs.argmax())].as_py())


def _share(notation: DateNotation, texts: pa.Array) -> float:
    return float((~np.isnat(notation.parse(texts))).mean()) if len(texts) else 0.0


def _whole(digits: Any) -> npt.NDArray[np.int64]:
    """Return numbers; those that are absent are 0."""
    text = compute.if_else(compute.equal(digits, ""), "0", digits)
    return text.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _full_hour(hour: npt.NDArray[np.int64], half: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return hours from 0 to 23, and which of them exist."""
    halves = compute.utf8_lower(half).fill_null("").to_numpy(zero_copy_only=False)
    afternoon, either = halves == "pm", halves != ""
    full = np.where(either, hour % HOURS_OF_HALF + HOURS_OF_HALF * afternoon, hour)
    return full, np.where(either, (hour >= 1) & (hour <= HOURS_OF_HALF), hour < 24)  # noqa: PLR2004


def _offset(zone: Any) -> npt.NDArray[np.int64]:
    """Return how many seconds a zone is ahead of UTC."""
    texts = zone.fill_null("").to_pylist()
    known = {text: _seconds_of(text) for text in set(texts)}
    return np.array([known[text] for text in texts], dtype=np.int64)


def _seconds_of(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    if zone[:1] not in ("+", "-"):
        return 0
    seconds = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    return seconds if zone[0] == "+" else -seconds
