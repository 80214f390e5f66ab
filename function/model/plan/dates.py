"""The parts of dates, as numbers: what a transformer and the source of a plan both compute."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Part = Literal["year", "month", "weekday", "hour", "days"]
PARTS: tuple[Part, ...] = get_args(Part)
CYCLES: dict[str, range] = {"month": range(1, 13), "weekday": range(1, 8), "hour": range(24)}
"""The values of the parts that come round again; weekday 1 is Monday, as in ISO 8601."""
HOUR, DAY = 3600, 86_400

Matrix = npt.NDArray[np.float64]


def as_seconds(times: npt.NDArray[Any]) -> Matrix:
    """Convert an array of datetime64 to seconds since 1970 as floats; NaT becomes NaN."""
    seconds = times.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    seconds[np.isnat(times)] = np.nan
    return seconds


def widths(parts: Sequence[Part], *, one_hot: bool) -> list[int]:
    """Return how many columns each part makes: with `one_hot`, one for each value of a cycle."""
    return [len(CYCLES[part]) if one_hot and part in CYCLES else 1 for part in parts]


def date_parts(seconds: Matrix, parts: Sequence[Part], reference: int, *, one_hot: bool) -> Matrix:
    """Compute the parts of dates side by side, [n, width].

    Args:
        seconds: whole seconds since 1970, of shape [n]; NaN if the date is missing.
        parts: the parts, in the order of their columns.
        reference: the day, counted from 1970-01-01, from which `days` counts.
        one_hot: whether the parts that come round again are a column for each value; those of a missing date are
            zeros. All other columns of a missing date are NaN.
    """
    absent = np.isnan(seconds)
    times = np.where(absent, 0, seconds).astype(np.int64).astype("datetime64[s]")
    matrix = np.empty((len(seconds), sum(widths(parts, one_hot=one_hot))))
    start = 0
    for part, width in zip(parts, widths(parts, one_hot=one_hot), strict=True):
        values = _part(part, times, reference)
        if one_hot and part in CYCLES:
            matrix[:, start : start + width] = (values[:, None] == np.array(CYCLES[part])) & ~absent[:, None]
        else:
            matrix[:, start] = np.where(absent, np.nan, values)
        start += width
    return matrix


def _part(part: Part, times: npt.NDArray[Any], reference: int) -> npt.NDArray[np.int64]:
    days = times.astype("datetime64[D]")
    number: npt.NDArray[np.int64]
    if part == "year":
        number = days.astype("datetime64[Y]").astype(np.int64) + 1970
    elif part == "month":
        number = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    elif part == "weekday":
        number = (days.astype(np.int64) + 3) % 7 + 1  # 1970-01-01 was a Thursday.
    elif part == "hour":
        number = times.astype(np.int64) % DAY // HOUR
    else:
        number = days.astype(np.int64) - reference
    return number
