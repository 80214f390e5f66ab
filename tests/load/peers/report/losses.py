"""Where another server is better than ours."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from tests.load.peers.report.figures import COMPARED, FIGURES, Figures
from tests.load.peers.report.ratios import GROUPS, OURS


class Loss(NamedTuple):
    """A figure in which a server is better than ours, and how many times."""

    figure: str
    server: str
    theirs: float
    ours: float
    times: float


def losses(figures: Figures) -> Iterator[Loss]:
    """Find all, figure by figure; hello world, which predicts nothing, is no server here."""
    ours = dict(figures.get(OURS, {}))
    if "p99" in ours:
        ours.setdefault("p99_constant", math.inf)  # It was measured, and the rate was not reached.
    for name in COMPARED:
        for server in GROUPS["best_rival"]:
            theirs = figures.get(server, {})
            if name in ours and name in theirs:
                times = FIGURES[name].times_better(theirs[name], ours[name])
                if times > 1:
                    yield Loss(name, server, theirs[name], ours[name], times)
