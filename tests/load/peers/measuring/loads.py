"""Single vectors and rows: over 200 connections, and at a constant rate."""

from tests.load import hey, wrk
from tests.load.exchange import Exchange
from tests.load.figures import Figures
from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.pinned import Pinned
from tests.load.peers.servers.table import SERVERS

REACHED = 0.95
"""The share of the constant rate below which a time at that rate is none."""


def measure_loads(bench: Bench, name: str) -> Measured:
    """Measure the first answer, encoded vectors in both ways, rows over 200 connections, and the memory after them."""
    server = SERVERS[name]
    with bench.started(name) as running:
        figures = {"first_answer": running.first_answer, **_vectors(running, bench.seconds)}
        rows = _rows(running, bench.seconds) if server.row and not server.one_kind else {}
        figures["memory"] = running.memory
    if server.one_kind:
        with bench.started(name, kind="row") as running:
            rows = _rows(running, bench.seconds)
    return {**figures, **rows, "unsound": max(figures["unsound"], rows.get("unsound", 0.0))}


def one_by_one(exchange: Exchange, seconds: float) -> Figures:
    """Send bodies from one connection, each as soon as the one before was answered."""
    return wrk.load(exchange, seconds, threads=1, connections=1)


def _vectors(running: Pinned, seconds: float) -> Measured:
    exchange = running.exchange_for("vector")
    full, cpu = _full(running, exchange, seconds)
    constant = hey.load_steadily(exchange, seconds)
    figures = {
        "vectors_rate": full.rate,
        "vectors_cpu": cpu,
        "p50": full.p50,
        "p99": full.p99,
        "unsound": max(full.unsound, constant.unsound),
    }
    return {**figures, "p99_constant": constant.p99} if constant.rate > REACHED * hey.RATE else figures


def _rows(running: Pinned, seconds: float) -> Measured:
    load, cpu = _full(running, running.exchange_for("row"), seconds)
    return {"rows_rate": load.rate, "rows_cpu": cpu, "unsound": load.unsound}


def _full(running: Pinned, exchange: Exchange, seconds: float) -> tuple[Figures, float]:
    """Return a load over 200 connections, and the CPU time of a request in seconds."""
    used = running.cpu_seconds
    load = wrk.load(exchange, seconds)
    return load, (running.cpu_seconds - used) / load.requests
