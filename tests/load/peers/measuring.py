"""What is measured of a running server."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.load import hey, wrk
from tests.load.exchange import Exchange
from tests.load.figures import Figures
from tests.load.peers.pinned import SERVER_CORE, Pinned

MEMORY_REQUESTS = 200_000
LARGE_ROWS = 10_000


class Memory(Struct, frozen=True):
    """The process group's memory after half of the requests and after all, in bytes."""

    requests: int
    half: int
    all: int


def throughput(running: Pinned, seconds: float) -> dict[str, float]:
    """Measure encoded vectors over 200 connections and at the constant rate, and rows over 200 connections."""
    full, constant = wrk.load(running.exchange, seconds), hey.load_steadily(running.exchange, seconds)
    figures = {
        "first_answer": running.first_answer,
        "rate": full.rate,
        "p50": full.p50,
        "p99": full.p99,
        "p99_constant": constant.p99,
        "unsound": max(full.unsound, constant.unsound),
    }
    exchange = running.row_exchange()
    if not exchange:
        return figures
    rows = wrk.load(exchange, seconds)
    return {**figures, "rows_rate": rows.rate, "unsound": max(figures["unsound"], rows.unsound)}


def memory(running: Pinned, seconds: float) -> Memory:
    """Measure the memory after 100,000 requests and after 200,000; after fewer where seconds are below ten."""
    half = round(min(1.0, seconds / 10) * MEMORY_REQUESTS / 2)
    found = []
    for _ in range(2):
        hey.load_times(running.exchange, half, seconds=3600)
        found.append(running.memory)
    return Memory(2 * half, *found)


def large(running: Pinned, exchange: Exchange, seconds: float) -> dict[str, float]:
    """Measure bodies of 10,000 rows from one connection, alone, and what they do to a caller of single rows."""
    alone = _single(exchange=running.exchange, seconds=seconds)
    # A process of its own, as long as the caller is measured and a little longer.
    with exchange.files() as files:
        words = ["-t1", "-c1", f"-d{int(seconds) + 2}s", "--timeout", wrk.PATIENCE, "-s", str(wrk.SCRIPT)]
        load = ["wrk", *words, exchange.url, "--", *map(str, files)]
        with subprocess.Popen(load, stdout=subprocess.PIPE, text=True) as beside:
            during = _single(exchange=running.exchange, seconds=seconds)
            printed, _ = beside.communicate(timeout=seconds + 60)
    bodies = one_by_one(exchange, seconds)
    unsound = max(each.unsound for each in (alone, during, bodies, wrk.read(printed)))
    rate = bodies.rate * LARGE_ROWS
    return {"rows_rate": rate, "p99_alone": alone.p99, "p99_during": during.p99, "unsound": unsound}


def one_by_one(exchange: Exchange, seconds: float) -> Figures:
    """Send bodies from one connection, each as soon as the one before was answered."""
    return wrk.load(exchange, seconds, threads=1, connections=1)


def _single(exchange: Exchange, seconds: float) -> Figures:
    return hey.load_steadily(exchange, seconds, workers=1, rate_each=200)


def sklearn_rows(home: Path, pipeline: Path, body: Path, seconds: float) -> tuple[float, list[int]]:
    """Return how many rows a second scikit-learn predicts on the server's core, and the labels."""
    script = Path(__file__).parent / "serving" / "sklearn_rows.py"
    command = ["taskset", "-c", str(SERVER_CORE), home / "bin" / "python", script, pipeline, body, str(seconds)]
    printed = subprocess.run(list(map(str, command)), capture_output=True, check=True, timeout=seconds + 120).stdout
    told: Mapping[str, object] = msgspec.json.decode(printed)
    return msgspec.convert(told["rate"], float), msgspec.convert(told["labels"], list[int])
