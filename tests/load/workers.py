"""Requests a second with one worker on one core, and with as many workers as cores: `make load-workers`.

The client is wrk on the same cores, so that all cores of a machine can be measured; it takes the same share of each.
"""

import os
import statistics

from tests.load import wrk
from tests.load.exchange import Exchange
from tests.load.load import ANSWER, BODY
from tests.support.function_process import ROOT, FunctionProcess

ROUNDS, SECONDS = 5, 5.0
MODEL = ROOT / "build" / "flights" / "model.zip"


def rate(cores: list[int]) -> float:
    """Return the requests a second of a function with a worker for each core; whoever is started now keeps to them."""
    os.sched_setaffinity(0, cores)
    with FunctionProcess({"MODEL_URI": str(MODEL), "WORKERS": str(len(cores)), "LOG_EXECUTION_ID": "true"}) as function:
        exchange = Exchange(f"{function.url}/predict/", BODY, ANSWER)
        wrk.load(exchange, 1.0)
        figures = wrk.load(exchange, SECONDS)
    assert not figures.unsound
    return figures.rate


def main() -> None:
    """Print the medians, and their ratio."""
    cores = sorted(os.sched_getaffinity(0))
    found: dict[int, list[float]] = {1: [], len(cores): []}
    for _ in range(ROUNDS):
        for number, rates in found.items():
            rates.append(rate(cores[:number]))
    medians = {number: statistics.median(rates) for number, rates in found.items()}
    for number, median in medians.items():
        print(f"{number} CPU: {median:,.0f} requests a second, {median / medians[1]:.2f} of one")  # noqa: T201


if __name__ == "__main__":
    main()
