"""Dates and times as ISO 8601 text, which is how callers send them; https://www.rfc-editor.org/rfc/rfc3339.

A time without a zone counts as UTC, and a time with a zone is converted to UTC.
"""

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

DateFormat = Literal["date", "date-time"]
Times = npt.NDArray[np.datetime64]

_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DATE = (
    "(?:(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    f"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29))"
)
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
_ZONE = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_END = "(?!\n)$"
"""In Python, `$` alone also matches before a line break at the end."""
PATTERNS: dict[DateFormat, str] = {
    "date": f"^{_DATE}{_END}",
    "date-time": f"^{_DATE}(?:[Tt ]{_TIME}{_ZONE}?)?{_END}",
}
"""What callers may send: only days that the calendar has."""
EXPECTED = {
    PATTERNS["date"]: 'a date of the calendar, such as "2024-05-31"',
    PATTERNS["date-time"]: 'a date of the calendar, with a time or without, such as "2024-05-31T13:45:00Z"',
}
"""What each pattern allows, for error messages."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = 24 * 60 * 60


def parse_times(texts: Iterable[str | None]) -> Times:
    """Parse texts that match a pattern to an array of datetime64 in seconds, UTC; null becomes NaT."""
    values = list(texts)
    known = {text: "NaT" if text is None else _seconds(text) for text in set(values)}
    return np.array([known[text] for text in values], dtype="datetime64[s]")


def _seconds(text: str) -> int:
    time = datetime.fromisoformat(text.upper())
    since = (time if time.tzinfo else time.replace(tzinfo=timezone.utc)) - _EPOCH
    return since.days * _DAY + since.seconds


def write_time(value: Any, kind: DateFormat) -> str:
    """Write a numpy or pandas time as text: a date, or a date with a time in UTC."""
    time = np.datetime64(value, "s")
    return str(time.astype("datetime64[D]")) if kind == "date" else f"{time}Z"
