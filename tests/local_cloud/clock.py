"""The time of the cloud: microseconds since the epoch, never the same number twice."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Gives out strictly increasing microseconds: a generation is such a number."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        """Take the time from `nanoseconds`, the system's clock unless told otherwise."""
        self._nanoseconds = nanoseconds
        self._last = 0

    def tick(self) -> int:
        """Return the time, or one more than the last answer when that is later."""
        self._last = max(self._last + 1, self._nanoseconds() // 1000)
        return self._last


def timestamp(microseconds: int) -> str:
    """Write microseconds since the epoch as Google's APIs do, in RFC 3339."""
    moment = EPOCH + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
