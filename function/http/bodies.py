"""Reading a request's body within a limit, and emptying what an early answer leaves unread."""

from typing import Protocol

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from function.errors import TooLarge

MAX_DISCARDED_BYTES = 32 * 2**20
"""How much of an oversized body is read and thrown away, so that its sender gets to read the answer."""
_CHUNK_BYTES = 64 * 1024


class Intake:
    """The receiving side of one request; knows how much has come and whether more is to come."""

    def __init__(self, receive: Receive) -> None:
        """`receive` is the ASGI callable of the request."""
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
            TooLarge: it has more than `limit` bytes; nothing past the limit is kept.
            ClientDisconnect: the client went away.
        """
        body = bytearray()
        while not self._ended:
            message = await self()
            if message["type"] != "http.request":
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
        return bytes(body)

    async def discard(self) -> None:
        """Throw away what is left of the body, up to a bound."""
        left = MAX_DISCARDED_BYTES
        while left > 0 and not self._ended:
            left -= len((await self()).get("body", b""))


class Readable(Protocol):
    """A file-like body, as WSGI has it."""

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; none at the end."""


def read_stream(stream: Readable, limit: int) -> bytes:
    """Read up to `limit` + 1 bytes of a WSGI body, and throw away the rest up to a bound."""
    body = stream.read(limit + 1)
    left = MAX_DISCARDED_BYTES if len(body) > limit else 0
    while left > 0 and (chunk := stream.read(_CHUNK_BYTES)):
        left -= len(chunk)
    return body
