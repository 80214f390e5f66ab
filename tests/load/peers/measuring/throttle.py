"""A share of a core, as a container with a CPU limit has it: some milliseconds of each period, then none."""

import os
import signal
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.load import process_group

PERIOD_SECONDS = 0.1
"""Of Linux's CPU limits, unless they name another: https://docs.kernel.org/scheduler/sched-bwc.html"""


class Throttle:
    """Stops and continues all processes of a group, until it is left."""

    def __init__(self, leader: int, share: float) -> None:
        """`share` is what the group may run of each period, above 0 and up to 1."""
        self._leader, self._share = leader, share
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Begin with a period."""
        if self._share < 1:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let the group run."""
        self._ended.set()
        if self._share < 1:
            self._thread.join()

    def _run(self) -> None:
        running, stopped = self._share * PERIOD_SECONDS, (1 - self._share) * PERIOD_SECONDS
        while not self._ended.wait(running):
            self._send(signal.SIGSTOP)
            self._ended.wait(stopped)
            self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        for pid in process_group.members(self._leader):
            with suppress(ProcessLookupError):  # It may have ended meanwhile.
                os.kill(pid, number)
