"""An HTTP client that sends at a rate, whatever the responses take, and records each response's time."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.load.http_client import LENGTH

MAX_CONNECTIONS = 250
"""Far more than an instance gets: Cloud Run sends it `scaling.concurrency` requests at a time, 32 by default."""
TICK_SECONDS = 0.002


@dataclass(frozen=True)
class Exchanged:
    """A request that was sent: its kind, the status of its response (0: none), and the seconds between them."""

    kind: str
    status: int
    seconds: float


class Connection(asyncio.Protocol):
    """A connection that is kept open, with one request at a time."""

    def __init__(self, done: Callable[["Connection", int], None]) -> None:
        """`done` is called with the status of each response, and with 0 if the connection is lost before."""
        self._done = done
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self.kind, self.sent = "", 0.0
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, kind: str, request: bytes) -> None:
        """Send a request."""
        assert self._transport is not None
        self.kind, self.sent, self.busy = kind, time.monotonic(), True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read a response."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if separator and len(body) >= int(length[1] if length else 0):
            self._received, self.busy = b"", False
            self._done(self, int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        """Record that there is no response."""
        if self.busy:
            self.busy = False
            self._done(self, 0)
        self._transport = None

    @property
    def usable(self) -> bool:
        """Whether it is connected."""
        return self._transport is not None

    def close(self) -> None:
        """Close it."""
        if self._transport:
            self._transport.close()


class Load:
    """Sends requests to a port, and collects what happened to them."""

    def __init__(self, port: int, connections: int = MAX_CONNECTIONS) -> None:
        """`connections` is how many may be open; a request that finds none free is not sent, and counted."""
        self.exchanged: list[Exchanged] = []
        self.unsent = 0
        self._port, self._max = port, connections
        self._free: deque[Connection] = deque()
        self._open = 0

    async def connect(self, count: int) -> None:
        """Open connections beforehand."""
        self._free.extend(await asyncio.gather(*[self._connect() for _ in range(count)]))

    async def _connect(self) -> Connection:
        self._open += 1
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self._done), "127.0.0.1", self._port)
        return connection

    def _done(self, connection: Connection, status: int) -> None:
        self.exchanged.append(Exchanged(connection.kind, status, time.monotonic() - connection.sent))
        if status and connection.usable:
            self._free.append(connection)
        else:
            self._open -= 1

    async def at_rate(self, requests: Sequence[tuple[str, bytes]], rate: float, seconds: float) -> None:
        """Send requests in turn, `rate` a second; wait for the responses afterwards."""
        start, sent = time.monotonic(), 0
        while (now := time.monotonic()) < start + seconds:
            due = int((now - start) * rate)
            for number in range(sent, due):
                await self._send(*requests[number % len(requests)])
            sent = max(sent, due)
            await asyncio.sleep(TICK_SECONDS)
        await self._settle()

    async def closed(self, request: bytes, connections: int, seconds: float) -> float:
        """Send on so many connections, on each as soon as the last response is there; return the requests a second."""
        await self.connect(connections)
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            while self._free:
                self._free.popleft().send("closed", request)
            await asyncio.sleep(0)
        rate = len(self.exchanged) / (time.monotonic() - start)
        await self._settle()
        return rate

    async def _send(self, kind: str, request: bytes) -> None:
        while self._free and not self._free[0].usable:
            self._free.popleft()
            self._open -= 1
        if self._free:
            self._free.popleft().send(kind, request)
        elif self._open < self._max:
            (await self._connect()).send(kind, request)
        else:
            self.unsent += 1

    async def _settle(self) -> None:
        """Wait for all responses."""
        deadline = time.monotonic() + 60
        while len(self._free) < self._open and time.monotonic() < deadline:  # noqa: ASYNC110 (many set it)
            await asyncio.sleep(0.01)

    def close(self) -> None:
        """Close the connections."""
        for connection in self._free:
            connection.close()


def p99(exchanged: Iterable[Exchanged]) -> float:
    """Return the 99th percentile of the times, in milliseconds; 0 if there are none."""
    times = sorted(each.seconds for each in exchanged)
    return round(1000 * times[min(len(times) - 1, int(len(times) * 0.99))], 1) if times else 0.0
