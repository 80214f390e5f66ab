"""Boosted trees rather than a linear model."""

from tests.load import wrk
from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.large import bodies
from tests.load.peers.servers.table import SERVERS


def measure_trees(bench: Bench, name: str) -> Measured:
    """Measure single rows over 200 connections and bodies of 10,000 rows, of each number of trees."""
    figures: Measured = {}
    if not SERVERS[name].table:
        return figures
    for number, model in bench.trees.items():
        with bench.started(name, model) as running:
            rows = wrk.load(running.exchange_for("row"), bench.seconds)
            large = bodies(running, model, bench.seconds, f"trees_{number}_large")
        unsound = max(figures.get("unsound", 0.0), rows.unsound, large["unsound"])
        figures |= {**large, f"trees_{number}_rate": rows.rate, "unsound": unsound}
    return figures
