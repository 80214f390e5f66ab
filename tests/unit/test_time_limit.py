"""function/http/time_limit.py: whatever a request waits for, it ends."""

import asyncio

import pytest

from function.errors import TimedOut
from function.http.time_limit import TimeLimit


async def bounded(limit: TimeLimit, waiting: "asyncio.Future[str]") -> str:
    """Wait within the limit."""
    with limit:
        return await waiting


def test_what_takes_too_long_is_a_failure_of_its_own() -> None:
    """And the task itself goes on, to send a response."""

    async def run() -> None:
        limit, never = TimeLimit(0.01), asyncio.get_running_loop().create_future()
        with pytest.raises(TimedOut, match=r"took longer than 0.01 s"):
            await bounded(limit, never)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await asyncio.sleep(0)

    asyncio.run(run())


def test_each_request_has_its_own_time() -> None:
    """One that ends in time is not affected by one that does not."""

    async def run() -> None:
        limit, loop = TimeLimit(0.05), asyncio.get_running_loop()
        never, soon = loop.create_future(), loop.create_future()
        loop.call_later(0.01, soon.set_result, "done")
        results = await asyncio.gather(bounded(limit, never), bounded(limit, soon), return_exceptions=True)
        assert isinstance(results[0], TimedOut)
        assert results[1] == "done"
        assert limit._timer is None or not limit._begun  # noqa: SLF001 (that nothing is left has no other sign)

    asyncio.run(run())


def test_a_cancellation_from_outside_stays_one() -> None:
    """It is not taken for a timeout."""

    async def run() -> None:
        limit = TimeLimit(60)
        request = asyncio.create_task(bounded(limit, asyncio.get_running_loop().create_future()))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(run())
