"""Wait until a running function serves a given version."""

import time
from collections.abc import Callable

from model_training.publishing.endpoint import ModelStatus, get_status

CONSECUTIVE = 10
"""The number of responses in a row after which all instances have most likely loaded the version."""
INTERVAL_SECONDS = 0.25
MIN_PROBE_SECONDS, MAX_PROBE_SECONDS = 1.0, 30.0


class NotServed(Exception):
    """A function does not serve a version; `str(error)` is the message for the user, without a full stop."""


def wait_until_served(
    url: str, version: str, generation: int, seconds: float, show: Callable[[str], None] = lambda progress: None
) -> float:
    """Poll a function until it serves a version; return the elapsed seconds.

    Args:
        url: address of the function.
        version: version of the model's content.
        generation: generation of the object with that content.
        seconds: time limit.
        show: receives the progress after every poll.

    Raises:
        NotServed: the function refuses the generation, or the time limit is over.
    """
    start = time.monotonic()
    in_a_row = 0
    while in_a_row < CONSECUTIVE:
        left = start + seconds - time.monotonic()
        status = get_status(url, min(MAX_PROBE_SECONDS, max(left, MIN_PROBE_SECONDS)))
        in_a_row = in_a_row + 1 if status.version == version else 0
        if not in_a_row:
            _check(url, version, status, generation, seconds if left <= 0 else None)
        show(f"{in_a_row} of {CONSECUTIVE} responses in a row; last response: {status}")
        time.sleep(INTERVAL_SECONDS)
    return time.monotonic() - start


def _check(url: str, version: str, status: ModelStatus, generation: int, passed: float | None) -> None:
    """Raise NotServed if the generation is refused, or if `passed` seconds were the time limit."""
    if status.refused and status.refused.generation == generation:
        raise NotServed(f"{url} does not serve {version}: {status}")
    if passed is not None:
        raise NotServed(f"{url} does not serve {version} after {passed:g} s; last response: {status}")
