"""A limit of time for every request, by one timer for all: a timer for each would take as long as routing."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import Any, TypeVar

from function.errors import TimedOut

T = TypeVar("T")
Task = asyncio.Task[Any]

TICKS = 10
"""How often the timer runs within the limit: a request may take a tenth longer."""


class TimeLimit:
    """Cancels what takes longer than a number of seconds; it belongs to one event loop."""

    def __init__(self, seconds: float) -> None:
        """Set the limit."""
        self.seconds = seconds
        self._begun: deque[set[Task]] = deque([set()])
        """The tasks that began since the last tick, then those of the tick before, and so on."""
        self._expired: set[Task] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def run(self, awaitable: Awaitable[T]) -> T:
        """Await something within the limit.

        Raises:
            TimedOut: it took longer, and was cancelled.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (an ASGI application runs in a task)
        if self._timer is None:
            self._wait_for_tick()
        begun = self._begun[0]
        begun.add(task)
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if task not in self._expired:
                raise
            task.uncancel()
            raise TimedOut(f"The request took longer than {self.seconds:g} s. Send fewer rows in a request.") from error
        finally:
            begun.discard(task)
            self._expired.discard(task)

    def _wait_for_tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.seconds / TICKS, self._tick)

    def _tick(self) -> None:
        """Cancel the tasks that began before the limit; stop when there are no requests."""
        self._begun.appendleft(set())
        if len(self._begun) > TICKS + 1:
            for task in self._begun.pop():
                self._expired.add(task)
                task.cancel()
        self._timer = None
        if any(self._begun):
            self._wait_for_tick()
