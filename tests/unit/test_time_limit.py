"""function/http/time_limit.py: whatever a request waits for, it ends."""

import asyncio

import pytest

from function.errors import TimedOut
from function.http.time_limit import TimeLimit


def test_what_takes_too_long_is_a_failure_of_its_own() -> None:
    """And the task itself goes on, to send a response."""

    async def run() -> None:
        limit, never = TimeLimit(0.01), asyncio.get_running_loop().create_future()
        with pytest.raises(TimedOut, match=r"took longer than 0.01 s"):
            await limit.run(never)
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
        results = await asyncio.gather(limit.run(never), limit.run(soon), return_exceptions=True)
        assert isinstance(results[0], TimedOut)
        assert results[1] == "done"
        await asyncio.sleep(0.02)
        assert limit._timer is None  # noqa: SLF001 (that nothing is left has no other sign)

    asyncio.run(run())


def test_a_cancellation_from_outside_stays_one() -> None:
    """It is not taken for a timeout."""

    async def run() -> None:
        limit = TimeLimit(60)
        request = asyncio.create_task(limit.run(asyncio.get_running_loop().create_future()))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(run())
