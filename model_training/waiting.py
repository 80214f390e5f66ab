"""Waiting until a running function serves a version."""

import time

from model_training.console import fail, say, step
from model_training.endpoint import Answer, ask

CONSECUTIVE = 10
"""So many answers in a row make it likely that every instance has taken it up."""
INTERVAL_SECONDS = 0.25
LEAST_PROBE_SECONDS, MOST_PROBE_SECONDS = 1.0, 30.0


def wait_until_served(url: str, version: str, generation: int, seconds: float) -> None:
    """Ask over and over; end the command with exit code 1 where the version is refused or the time is over."""
    start = time.monotonic()
    description = f"Waiting until {url} serves {version}"
    in_a_row = 0
    with step(description) as show:
        while in_a_row < CONSECUTIVE:
            left = start + seconds - time.monotonic()
            answer = ask(url, min(MOST_PROBE_SECONDS, max(left, LEAST_PROBE_SECONDS)))
            in_a_row = in_a_row + 1 if answer.version == version else 0
            if not in_a_row:
                _check(url, version, answer, generation, seconds if left <= 0 else None)
            show(f"{description}: {in_a_row} of {CONSECUTIVE} answers in a row; the last: {answer}")
            time.sleep(INTERVAL_SECONDS)
    say(f"{url} serves {version} after {time.monotonic() - start:.1f} s.")


def _check(url: str, version: str, answer: Answer, generation: int, passed: float | None) -> None:
    """Fail where waiting on is of no use; `passed` is the time that is over, if it is."""
    if answer.refused and answer.refused.generation == generation:
        fail(f"{url} does not serve {version}: {answer}.")
    if passed is not None:
        fail(f"{url} does not serve {version} after {passed:g} s; its last answer: {answer}.")
