"""Lay out charts as inline SVG: the position of each line, tick and label. `templates/chart.svg` draws them.

A plotting library would add 30 MB for four kinds of charts, and its SVG does not support a dark color scheme.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model_training.evaluation.curves import Curve, Curves

WIDTH, HEIGHT = 360, 300
LEFT, TOP, RIGHT, BOTTOM = 52, 12, 12, 44
TICKS = 5
ROUND = (1, 2, 2.5, 5, 10)
MARGIN = 0.05


@dataclass(frozen=True)
class Axis:
    """A linear scale from the values `low` to `high` to the positions `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return the position of a value."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The positions and labels of about five round values."""
        step = _round_step((self.high - self.low) / TICKS)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(self.place(i * step), f"{i * step:.4g}") for i in range(first, last + 1)]


@dataclass(frozen=True)
class Line:
    """A curve or a set of dots, with its color and positions."""

    color: str
    points: list[tuple[float, float]]
    dots: bool


@dataclass(frozen=True)
class Chart:
    """A chart as the template draws it."""

    title: str
    description: str
    x_label: str
    y_label: str
    x: Axis
    y: Axis
    names: list[str]
    lines: list[Line]
    reference: tuple[float, float, float, float] | None
    """A straight line to compare with: x and y of its two ends."""


@dataclass(frozen=True)
class Kind:
    """The texts and style of one kind of chart."""

    title: str
    description: str
    x_label: str
    y_label: str
    lines: bool = True
    dots: bool = False
    level: float | None = None
    """The y value of a horizontal reference line; None draws the diagonal."""
    compared: bool = True
    """Whether to draw a reference line."""


def make_chart(kind: Kind, curves: Curves, *, shares: bool) -> Chart:
    """Lay out curves on axes from 0 to 1 if they are `shares`, or else on axes that fit the points."""
    x = _axis([curve.x for curve in curves], LEFT, WIDTH - RIGHT, shares=shares)
    y = _axis([curve.y for curve in curves], HEIGHT - BOTTOM, TOP, shares=shares)
    lines = [
        Line(f"c{number}", _points(curve, x, y), dots) for number, curve in enumerate(curves) for dots in _marks(kind)
    ]
    names = [curve.name for curve in curves]
    low, high = (max(x.low, y.low), min(x.high, y.high)) if kind.level is None else (x.low, x.high)
    ends = (low, high) if kind.level is None else (kind.level, kind.level)
    reference = (
        (x.place(low), y.place(ends[0]), x.place(high), y.place(ends[1])) if kind.compared and low < high else None
    )
    return Chart(kind.title, kind.description, kind.x_label, kind.y_label, x, y, names, lines, reference)


def _marks(kind: Kind) -> list[bool]:
    return [dots for dots, wanted in ((False, kind.lines), (True, kind.dots)) if wanted]


def _points(curve: Curve, x: Axis, y: Axis) -> list[tuple[float, float]]:
    return [(x.place(left), y.place(up)) for left, up in zip(curve.x, curve.y, strict=True)]


def _axis(values: Sequence[Sequence[float]], start: float, end: float, *, shares: bool) -> Axis:
    if shares:
        return Axis(0.0, 1.0, start, end)
    low, high = min(map(min, values)), max(map(max, values))
    margin = MARGIN * (high - low) or MARGIN * abs(high) or 1.0
    return Axis(low - margin, high + margin, start, end)


def _round_step(step: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(step))
    return next(factor * magnitude for factor in ROUND if factor * magnitude >= step * (1 - 1e-9))
