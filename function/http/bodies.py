"""Read request bodies up to a limit, and discard what an early response leaves unread."""

from typing import Protocol

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from function.errors import TooLarge

MAX_DISCARDED_BYTES = 32 * 2**20
"""How much of an oversized body is read and discarded, so that its sender can read the response."""
_CHUNK_BYTES = 64 * 1024


class RequestBody:
    """The body of one request, read from an ASGI `receive`; it is such a callable itself."""

    def __init__(self, receive: Receive) -> None:
        """Wrap `receive`, the ASGI callable of the request."""
        self._receive = receive
        self._ended = False

    async def __call__(self) -> Message:
        """Receive one message, as an ASGI `receive` does."""
        message = await self._receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def read(self, limit: int) -> bytes:
        """Read the whole body.

        Raises:
            TooLarge: the body has more than `limit` bytes; the bytes over the limit are not kept.
            ClientDisconnect: the client closed the connection.
        """
        parts, size = [], 0
        while not self._ended:
            message = await self()
            if message["type"] != "http.request":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise TooLarge(f"The body is larger than the limit of {limit} bytes.")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def discard(self) -> None:
        """Read and discard the rest of the body, up to `MAX_DISCARDED_BYTES`."""
        left = MAX_DISCARDED_BYTES
        while left > 0 and not self._ended:
            left -= len((await self()).get("body", b""))


class Readable(Protocol):
    """A file-like body, as in WSGI."""

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; return none at the end."""


def read_stream(stream: Readable, limit: int) -> bytes:
    """Read up to `limit` + 1 bytes of a WSGI body, and discard the rest up to `MAX_DISCARDED_BYTES`."""
    body = stream.read(limit + 1)
    left = MAX_DISCARDED_BYTES if len(body) > limit else 0
    while left > 0 and (chunk := stream.read(_CHUNK_BYTES)):
        left -= len(chunk)
    return body
