"""The figures of a run for a terminal: a row for each figure, a column for each server."""

from collections.abc import Iterator, Mapping

from tests.load.peers.report.figures import FIGURES, Figures
from tests.load.tables import Rows

WIDE = 4
"""Servers side by side."""


def by_figure(servers: Figures) -> Iterator[Rows]:
    """Write all that was measured, a few servers at a time."""
    names = dict.fromkeys(name for figures in servers.values() for name in figures)
    for start in range(0, len(servers), WIDE):
        some = list(servers)[start : start + WIDE]
        yield [["", *some], *([name, *(_cell(name, servers[server]) for server in some)] for name in names)]


def _cell(name: str, figures: Mapping[str, float]) -> str:
    if name not in figures:
        return "-"
    return FIGURES[name].write(figures[name]) if name in FIGURES else f"{figures[name]:,.1f}"
