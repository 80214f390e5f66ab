"""The log records of failed requests: one for each 5xx, and one a second at most for 4xx and for overload."""

import time
from collections.abc import Callable

from function.errors import Overloaded, Problem
from function.http.errors import status_of
from function.logs import log, log_exception

SERVER_ERROR = 500
INTERVAL_SECONDS = 1.0


class FailureLog:
    """Writes the records of failures; a kind of failure that callers can cause at will is sampled."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Set the clock, which returns seconds."""
        self._overloads, self._refusals = _Sampler(clock), _Sampler(clock)

    def write(self, error: Exception, method: str, path: str) -> Problem:
        """Write the record of a failure, if it is due; return what the caller may read about it."""
        if not isinstance(error, Problem):
            problem = Problem("The service failed unexpectedly. Its log has the details.")
            log_exception("A request failed unexpectedly.", error, path=path, method=method, status=SERVER_ERROR)
            return problem
        status = status_of(error)
        fields = {"path": path, "method": method, "status": status, "reason": str(error)}
        if isinstance(error, Overloaded):
            if (count := self._overloads.take()) is not None:
                log("WARNING", "Requests were refused, because too many wait.", **fields, event="overload", count=count)
        elif status >= SERVER_ERROR:
            log("WARNING", "A request failed.", **fields, event="request_failed")
        elif (count := self._refusals.take()) is not None:
            log("INFO", "A request was refused.", **fields, event="request_refused", count=count)
        return error


class _Sampler:
    """Lets one through a second, and counts the others."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next = float("-inf")
        self._skipped = 0

    def take(self) -> int | None:
        """Return how many there were since the last one that was let through, this one included; None to skip it."""
        self._skipped += 1
        if self._clock() < self._next:
            return None
        self._next = self._clock() + INTERVAL_SECONDS
        count, self._skipped = self._skipped, 0
        return count
