"""Read request bodies up to a limit, and discard what an early response leaves unread."""

import zlib
from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from function.errors import BadInput, Fault, TooLarge
from function.inference.stop import Stop

MAX_DISCARDED_BYTES = 32 * 2**20
"""How much of an oversized body is read and discarded, so that its sender can read the response."""
NOT_GZIP = Fault((), "gzip_invalid", "The body is not one whole gzip member.")
_GZIP = 16 + zlib.MAX_WBITS


class RequestBody:
    """The body of one request, read from an ASGI `receive`; it is such a callable itself."""

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes]) -> None:
        """Wrap `receive`, the ASGI callable of the request, whose headers have lower-case names."""
        self.headers = headers
        self.ended = False
        """Whether the whole body has been received."""
        self._receive = receive

    async def __call__(self) -> Message:
        """Receive one message, as an ASGI `receive` does."""
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def read(self, limit: int) -> bytes:
        """Read the whole body.

        Raises:
            TooLarge: the body has more than `limit` bytes; the bytes over the limit are not kept.
            ClientDisconnect: the client closed the connection.
        """
        parts, size = [], 0
        while not self.ended:
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
        while left > 0 and not self.ended:
            left -= len((await self()).get("body", b""))


def inflate(content: bytes, limit: int, stop: Stop) -> bytes:
    """Inflate a gzip body to `limit` bytes at most.

    Raises:
        BadInput: the body is not one gzip member.
        TooLarge: it inflates to more bytes.
    """
    decoder = zlib.decompressobj(wbits=_GZIP)
    try:
        inflated = decoder.decompress(content, limit + 1)
    except zlib.error:
        raise BadInput(NOT_GZIP) from None
    if len(inflated) > limit:
        raise TooLarge(f"The body inflates to more than the limit of {limit} bytes.")
    if not decoder.eof or decoder.unused_data:
        raise BadInput(NOT_GZIP)
    return inflated
