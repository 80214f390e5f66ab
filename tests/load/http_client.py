"""An HTTP client that costs little: one prepared request, sent at a steady rate on open connections."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

VERSION = re.compile(rb"^x-model-version: (\w+)\r$", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length: (\d+)\r$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What came back: when it was asked for (a monotonic time in seconds), and what it says."""

    asked: float
    status: int
    version: str
    body: bytes


def prepare(path: str, body: bytes) -> bytes:
    """Write a POST request as bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One connection that is kept open; a failure counts as an answer of status 0."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send the request and read its answer."""
        asked = time.monotonic()
        try:
            return await self._ask(request, asked)
        except (OSError, asyncio.IncompleteReadError, AttributeError) as error:
            self._streams = None
            return Answer(asked, 0, "", repr(error).encode())

    async def _ask(self, request: bytes, asked: float) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length, version = LENGTH.search(head), VERSION.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        return Answer(asked, int(head[9:12]), version[1].decode() if version else "", body)

    def close(self) -> None:
        """Close it."""
        if self._streams:
            self._streams[1].close()


async def ask_steadily(
    port: int, request: bytes, rate: float, going_on: Callable[[], bool], connections: int = 16
) -> list[Answer]:
    """Ask `rate` times a second, whatever the answers take, for as long as it goes on."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    everyone = [Connection(port) for _ in range(connections)]
    for connection in everyone:
        free.put_nowait(connection)
    answers: list[Answer] = []

    async def one() -> None:
        connection = await free.get()
        answers.append(await connection.ask(request))
        free.put_nowait(connection)

    start, sent = time.monotonic(), 0
    async with asyncio.TaskGroup() as tasks:
        while going_on():
            due = int((time.monotonic() - start) * rate)
            for _ in range(due - sent):
                tasks.create_task(one())
            sent = max(sent, due)
            await asyncio.sleep(0.002)
    for connection in everyone:
        connection.close()
    return answers
