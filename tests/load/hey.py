"""hey: a constant rate of requests. It looks at no answer's body, so a sampler beside it does."""

import math
import re

from tests.load.exchange import Exchange, headers
from tests.load.figures import Figures
from tests.load.programs import run
from tests.load.sampler import Sampler

WORKERS, RATE_EACH = 20, 55.55
"""1,111 requests a second; more workers would tick together, and measure the bursts that they make."""
RATE = WORKERS * RATE_EACH


def load_steadily(exchange: Exchange, seconds: float, workers: int = WORKERS, rate_each: float = RATE_EACH) -> Figures:
    """Ask at a constant rate, and compare the bodies of a sample of answers.

    Raises:
        Unusable: hey is not installed, or failed.
    """
    duration = math.ceil(seconds)
    with Sampler(exchange) as sampler:
        printed = _hey(exchange, ["-c", workers, "-q", rate_each, "-z", f"{duration}s"], duration)
    return read(printed, sampler.checked, sampler.wrong)


def load_times(exchange: Exchange, requests: int, seconds: float, workers: int = 50) -> Figures:
    """Ask so many times, as fast as the answers come, and for at most so many seconds."""
    with Sampler(exchange) as sampler:
        printed = _hey(exchange, ["-c", workers, "-n", requests], seconds)
    return read(printed, sampler.checked, sampler.wrong)


def read(printed: str, checked: int, wrong: int) -> Figures:
    """Read hey's summary, which gives times in seconds with four decimals.

    Of few answers it tells no high percentile: the slowest stands for it. Of none it tells no time at all.
    """
    statuses = {status: int(number) for status, number in re.findall(r"\[(\d+)\]\t(\d+) responses", printed)}
    slowest = _number(r"Slowest:\s+([\d.]+) secs", printed)
    p50, p95, p99 = (1e3 * (_number(rf"\b{share}%+ in ([\d.]+) secs", printed) or slowest) for share in (50, 95, 99))
    return Figures(
        requests=sum(statuses.values()),
        seconds=_number(r"Total:\s+([\d.]+) secs", printed),
        p50=p50,
        p95=p95,
        p99=p99,
        max=1e3 * slowest,
        failed=sum(number for status, number in statuses.items() if not status.startswith("2")),
        lost=sum(map(int, re.findall(r"\[(\d+)\]\t", printed.partition("Error distribution:")[2]))),
        checked=checked,
        wrong=wrong,
    )


def _hey(exchange: Exchange, options: list[object], seconds: float) -> str:
    more = {name: value for name, value in headers().items() if name != "Content-Type"}
    sent = [word for name, value in more.items() for word in ("-H", f"{name}: {value}")]
    with exchange.files() as (body, _):
        words = [*options, "-m", "POST", "-T", "application/json", "-D", body, *sent, exchange.url]
        return run("hey", *words, seconds=seconds)


def _number(pattern: str, printed: str) -> float:
    found = re.search(pattern, printed)
    return float(found[1]) if found else 0.0
