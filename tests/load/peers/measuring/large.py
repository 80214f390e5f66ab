"""Bodies of 10,000 rows of named features, from one connection."""

import json
from dataclasses import replace

import httpx

from tests.load.exchange import Exchange
from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.loads import one_by_one
from tests.load.peers.measuring.pinned import Pinned
from tests.load.peers.models import LARGE_ROWS, Model
from tests.load.peers.servers.table import SERVERS


def measure_large(bench: Bench, name: str) -> Measured:
    """Measure the rows a second, where a server answers tables; how many labels are not scikit-learn's."""
    if not SERVERS[name].table:
        return {}
    with bench.started(name) as running:
        return bodies(running, bench.model, bench.seconds, "large")


def bodies(running: Pinned, model: Model, seconds: float, prefix: str) -> Measured:
    """Measure a running server; the figures are named after the prefix."""
    exchange, labels = _asked(running, model)
    differing = sum(ours != theirs for ours, theirs in zip(labels, model.row_labels, strict=True))
    load = one_by_one(exchange, seconds)
    return {
        f"{prefix}_rate": load.rate * LARGE_ROWS,
        f"{prefix}_differing": differing,
        "unsound": load.unsound,
    }


def _asked(running: Pinned, model: Model) -> tuple[Exchange, list[int]]:
    asked = running.exchange_of(running.server.table, model.body, b"")
    with httpx.Client(timeout=60) as client:
        content = asked.ask(client).raise_for_status().content
    return replace(asked, answer=content), json.loads(content)["predictions"]
