"""The parts of dates, as `function/model/plan/dates.py` computes them, in integers.

The year and the month follow from days as in https://howardhinnant.github.io/date_algorithms.html, `civil_from_days`:
years begin in March, so that the leap day is the last one.
"""

from collections.abc import Callable, Sequence

import numpy as np

from function.model.plan.dates import CYCLES, DAY, HOUR, Part
from model_training.bundling.exact.graph.builder import DOUBLE, INT64, Graph

SHIFT = 719_468
"""The days from 0000-03-01 to 1970-01-01: from there on, no date of a caller is negative, and division rounds down."""
ERA, CENTURY, FOUR_YEARS, YEAR = 146_097, 36_524, 1_460, 365


class _Whole:
    """Arithmetic of int64 tensors with numbers."""

    def __init__(self, g: Graph) -> None:
        self._g = g

    def __call__(self, operator: str, a: str, b: str | int) -> str:
        return self._g(operator, a, b if isinstance(b, str) else self._g.constant(b, np.int64))


def write_dates(g: Graph, seconds: str, parts: Sequence[Part], reference: int, *, one_hot: bool) -> str:
    """Write the parts of dates side by side, given seconds since 1970, [n, 1] of double; NaN if missing."""
    absent = g("IsNaN", seconds)
    whole = _Whole(g)
    shifted = whole("Add", g.cast(g("Where", absent, g.constant(0), seconds), INT64), SHIFT * DAY)
    columns = []
    for part in parts:
        value = PARTS[part](whole, shifted, reference)
        if one_hot and part in CYCLES:
            same = g("Equal", value, g.constant([list(CYCLES[part])], np.int64))
            columns.append(g.cast(g("And", same, g("Not", absent)), DOUBLE))
        else:
            columns.append(g("Where", absent, g.constant(np.nan), g.cast(value, DOUBLE)))
    return g("Concat", *columns, axis=1)


def _days(w: _Whole, shifted: str) -> str:
    return w("Div", shifted, DAY)


def _civil(w: _Whole, shifted: str) -> tuple[str, str]:
    """Return the year and the month."""
    days = _days(w, shifted)
    era = w("Div", days, ERA)
    day = w("Sub", days, w("Mul", era, ERA))
    leaps = w("Sub", w("Div", day, CENTURY), w("Div", day, ERA - 1))
    year = w("Div", w("Add", w("Sub", day, w("Div", day, FOUR_YEARS)), leaps), YEAR)
    before = w("Sub", w("Add", w("Mul", year, YEAR), w("Div", year, 4)), w("Div", year, 100))
    march = w("Div", w("Add", w("Mul", w("Sub", day, before), 5), 2), 153)  # 0 is March, 11 is February.
    january = w("Div", march, 10)  # 1 in January and February, which belong to the next year.
    month = w("Sub", w("Add", march, 3), w("Mul", january, 12))
    return w("Add", w("Add", year, w("Mul", era, 400)), january), month


PARTS: dict[Part, Callable[[_Whole, str, int], str]] = {
    "year": lambda w, shifted, _: _civil(w, shifted)[0],
    "month": lambda w, shifted, _: _civil(w, shifted)[1],
    # The day of the shift was a Wednesday, which is 3 in ISO 8601.
    "weekday": lambda w, shifted, _: w("Add", w("Mod", w("Add", _days(w, shifted), 2), 7), 1),
    "hour": lambda w, shifted, _: w("Div", w("Mod", shifted, DAY), HOUR),
    "days": lambda w, shifted, reference: w("Sub", _days(w, shifted), SHIFT + reference),
}
