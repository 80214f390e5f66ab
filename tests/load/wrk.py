"""wrk: as many requests as a number of connections can hold, every answer's body compared."""

import math
from pathlib import Path

import msgspec

from tests.load.exchange import Exchange
from tests.load.figures import Figures
from tests.load.programs import run

SCRIPT = Path(__file__).with_suffix(".lua")
THREADS, CONNECTIONS = 12, 200
PATIENCE = "20s"
"""When a request counts as lost; by wrk's own two seconds, answers that come late would."""


def load(exchange: Exchange, seconds: float, threads: int = THREADS, connections: int = CONNECTIONS) -> Figures:
    """Ask over so many connections, each as soon as it was answered; whole seconds, rounded up.

    Raises:
        Unusable: wrk is not installed, or found nobody to ask.
    """
    duration = math.ceil(seconds)
    options = [f"-t{threads}", f"-c{connections}", f"-d{duration}s", "--timeout", PATIENCE, "-s", SCRIPT]
    with exchange.files() as files:
        more = [word for header in exchange.headers.items() for word in header]
        words = [exchange.url, "--", *files, exchange.media_type, *more]
        return read(run("wrk", *options, *words, seconds=duration))


def read(printed: str) -> Figures:
    """Read the last line that the script prints."""
    return msgspec.json.decode(printed.strip().splitlines()[-1], type=Figures)
