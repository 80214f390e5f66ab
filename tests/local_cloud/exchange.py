"""One request on its way to its answer, and the ways in which a fault spoils it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.local_cloud.error_response import error_response
from tests.local_cloud.errors import CloudError
from tests.local_cloud.faults import ArmedFault

POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Exchange:
    """A request whose answer is not sent yet; `respond` carries it out, `hang_up` closes."""

    respond: Callable[[], Awaitable[Response]]
    hang_up: Callable[[], None]
    scope: Scope
    receive: Receive
    send: Send

    async def start(self, response: Response) -> None:
        """Send the status and the headers."""
        headers, status = response.raw_headers, response.status_code
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def body(self, data: bytes, *, more: bool) -> None:
        """Send a part of the body."""
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def disconnected(self) -> None:
        """Wait until the connection is closed, by either side."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def close(self) -> None:
        """Close the connection after what has been sent."""
        self.hang_up()
        await self.disconnected()


async def answer(exchange: Exchange, armed: ArmedFault | None) -> None:
    """Carry out the request and send its answer, spoilt by the fault if there is one."""
    if armed is not None:
        await EFFECTS[armed.fault.effect](exchange, armed)
        return
    response = await exchange.respond()
    await response(exchange.scope, exchange.receive, exchange.send)


async def _status(exchange: Exchange, armed: ArmedFault) -> None:
    error = CloudError(armed.fault.status, "This error was asked for.")
    response = error_response(error)
    await response(exchange.scope, exchange.receive, exchange.send)


async def _gone(exchange: Exchange, _: ArmedFault) -> None:
    await exchange.close()


async def _cut(exchange: Exchange, armed: ArmedFault) -> None:
    response = await exchange.respond()
    if armed.fault.after is not None:
        await exchange.start(response)
        await exchange.body(bytes(response.body[: armed.fault.after]), more=True)
    await exchange.close()


async def _corrupt(exchange: Exchange, armed: ArmedFault) -> None:
    response = await exchange.respond()
    body = bytearray(response.body)
    if body:
        body[min(armed.fault.after or 0, len(body) - 1)] ^= 0xFF
    await exchange.start(response)
    await exchange.body(bytes(body), more=False)


async def _stall(exchange: Exchange, armed: ArmedFault) -> None:
    response = await exchange.respond()
    body, after = bytes(response.body), armed.fault.after
    if after is None:
        await _hold(exchange, armed)
        await exchange.start(response)
    else:
        await exchange.start(response)
        await exchange.body(body[:after], more=True)
        await _hold(exchange, armed)
    await exchange.body(body[after or 0 :], more=False)


async def _hold(exchange: Exchange, armed: ArmedFault) -> None:
    """Wait for the release, the fault's time or the end of the connection."""
    seconds = armed.fault.seconds
    end = time.monotonic() + (float("inf") if seconds is None else seconds)
    disconnected = asyncio.ensure_future(exchange.disconnected())
    # The release comes from another thread: looking every few milliseconds needs no event
    # loop there, so a fault can be set before the server starts and released after it ended.
    while not (armed.released or disconnected.done() or time.monotonic() >= end):
        await asyncio.wait({disconnected}, timeout=POLL_SECONDS)
    disconnected.cancel()


EFFECTS: dict[str, Callable[[Exchange, ArmedFault], Awaitable[None]]] = {
    "status": _status,
    "gone": _gone,
    "cut": _cut,
    "corrupt": _corrupt,
    "stall": _stall,
}
