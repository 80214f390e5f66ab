"""Wait until a running function serves a version."""

import time
from collections.abc import Callable

from model_training.publishing.endpoint import Answer, ask

CONSECUTIVE = 10
"""After so many responses in a row, every instance has most likely loaded the version."""
INTERVAL_SECONDS = 0.25
LEAST_PROBE_SECONDS, MOST_PROBE_SECONDS = 1.0, 30.0


class NotServed(Exception):
    """A function that does not serve a version; `str(error)` is a sentence without its full stop."""


def wait_until_served(
    url: str, version: str, generation: int, seconds: float, show: Callable[[str], None] = lambda progress: None
) -> float:
    """Poll a function until it serves a version; return how many seconds that took.

    Args:
        url: the function's address.
        version: of the model's content.
        generation: of the object that holds it.
        seconds: how long to wait.
        show: receives the progress after every poll.

    Raises:
        NotServed: the function refuses the generation, or the time is over.
    """
    start = time.monotonic()
    in_a_row = 0
    while in_a_row < CONSECUTIVE:
        left = start + seconds - time.monotonic()
        answer = ask(url, min(MOST_PROBE_SECONDS, max(left, LEAST_PROBE_SECONDS)))
        in_a_row = in_a_row + 1 if answer.version == version else 0
        if not in_a_row:
            _check(url, version, answer, generation, seconds if left <= 0 else None)
        show(f"{in_a_row} of {CONSECUTIVE} responses in a row; the last: {answer}")
        time.sleep(INTERVAL_SECONDS)
    return time.monotonic() - start


def _check(url: str, version: str, answer: Answer, generation: int, passed: float | None) -> None:
    """Raise where more waiting is of no use; `passed` is the time that is over, if it is."""
    if answer.refused and answer.refused.generation == generation:
        raise NotServed(f"{url} does not serve {version}: {answer}")
    if passed is not None:
        raise NotServed(f"{url} does not serve {version} after {passed:g} s; its last answer: {answer}")
