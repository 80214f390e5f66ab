"""A limit of time for every request, by one timer for all: a timer for each would take as long as routing."""

import asyncio
from types import TracebackType

from function.errors import TimedOut

CHECKS = 10
"""How often the limit's time is divided: a request gets a tenth of the limit more at most."""


class TimeLimit:
    """Cancels what takes longer than a number of seconds; its `with` blocks belong to one event loop."""

    def __init__(self, seconds: float) -> None:
        """Set the limit."""
        self.seconds = seconds
        self._begun: dict[asyncio.Task[object], float] = {}
        self._expired: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """Start the time of the current task."""
        task, loop = _current()
        self._begun[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self.seconds / CHECKS, self._check)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise TimedOut if the time was over."""
        task, _ = _current()
        self._begun.pop(task, None)
        if task in self._expired:
            self._expired.remove(task)
            task.uncancel()
            if kind is asyncio.CancelledError:
                raise TimedOut(
                    f"The request took longer than {self.seconds:g} s. Send fewer rows in a request."
                ) from error

    def _check(self) -> None:
        """Cancel the tasks whose time is over; runs only while there are requests."""
        loop = asyncio.get_running_loop()
        latest = loop.time() - self.seconds
        for task in [task for task, begun in self._begun.items() if begun <= latest]:
            del self._begun[task]
            self._expired.add(task)
            task.cancel()
        self._timer = loop.call_later(self.seconds / CHECKS, self._check) if self._begun else None


def _current() -> tuple["asyncio.Task[object]", asyncio.AbstractEventLoop]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 (an ASGI application runs in a task)
    return task, asyncio.get_running_loop()
