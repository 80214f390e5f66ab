"""A share of a core, as a container with a CPU limit has it: some milliseconds of each period, then none."""

import os
import signal
from contextlib import suppress

from tests.load import process_group
from tests.load.beside import Beside

PERIOD_SECONDS = 0.1
"""Of Linux's CPU limits, unless they name another: https://docs.kernel.org/scheduler/sched-bwc.html"""


class Throttle(Beside):
    """Stops and continues all processes of a group; they run when it ends."""

    def __init__(self, leader: int, share: float) -> None:
        """`share` is what the group may run of each period, above 0 and up to 1."""
        super().__init__()
        self._leader, self._share = leader, share

    def run(self) -> None:
        """Stop the group in the last part of each period, if its share is not the whole."""
        running, stopped = self._share * PERIOD_SECONDS, (1 - self._share) * PERIOD_SECONDS
        while stopped and not self.ended.wait(running):
            self._send(signal.SIGSTOP)
            self.ended.wait(stopped)
            self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        for pid in process_group.members(self._leader):
            with suppress(ProcessLookupError):  # It may have ended meanwhile.
                os.kill(pid, number)
