"""The figures by which servers are compared: how each is called and written, and which way is better."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tests.load.peers.models import TREES

Figures = Mapping[str, Mapping[str, float]]
"""A server's figures by name, for each server; those that were not measured are not there."""


class Figure(NamedTuple):
    """A column of a table."""

    title: str
    write: Callable[[float], str]
    more_is_better: bool = False

    def times_better(self, theirs: float, ours: float) -> float:
        """Return how many times theirs is better, below one if it is worse; infinite where the lesser of both is 0."""
        more, less = (theirs, ours) if self.more_is_better else (ours, theirs)
        return more / less if less else math.inf if more else 1.0


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _micro(seconds: float) -> str:
    return f"{1e6 * seconds:.0f}"


FIGURES: Mapping[str, Figure] = {
    "first_answer": Figure("first right answer, s", "{:.2f}".format),
    "first_answer_half": Figure("on half a core, s", "{:.2f}".format),
    "vectors_rate": Figure("vectors a second", _whole, more_is_better=True),
    "rows_rate": Figure("rows a second", _whole, more_is_better=True),
    "p50": Figure("p50, ms", "{:.1f}".format),
    "p99": Figure("p99, ms", "{:.1f}".format),
    "p99_constant": Figure("p99 at 1,111 a second, ms", "{:.1f}".format),
    "unsound": Figure("failed or wrong", "{:.2%}".format),
    "memory": Figure("memory, MB", lambda size: f"{size / 1e6:.0f}"),
    "vectors_cpu": Figure("CPU time of a vector, us", _micro),
    "rows_cpu": Figure("CPU time of a row, us", _micro),
    "vectors_cost": Figure("a million vectors, $", "{:.4f}".format),
    "rows_cost": Figure("a million rows, $", "{:.4f}".format),
    "large_rate": Figure("linear model, 10,000 rows a body: rows a second", _whole, more_is_better=True),
    **{
        f"trees_{trees}{kind}_rate": Figure(f"{trees:,} trees, {rows}: rows a second", _whole, more_is_better=True)
        for trees in TREES
        for kind, rows in (("", "one row a body"), ("_large", "10,000"))
    },
}
COMPARED = [name for name in FIGURES if not name.endswith("_cpu")]
"""A cost is the CPU time at a price."""


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure over the rounds of one server; one that most rounds lack is left out."""
    names = dict.fromkeys(name for each in rounds for name in each)
    seen = {name: [each[name] for each in rounds if name in each] for name in names}
    return {name: statistics.median(values) for name, values in seen.items() if 2 * len(values) > len(rounds)}
