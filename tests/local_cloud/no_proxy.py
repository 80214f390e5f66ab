"""What a client asks its proxy for, the way out: there is none from here."""

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.local_cloud.journal import Call, Journal

FOR_A_PROXY = re.compile(rb"(CONNECT(?= )|[A-Z]+(?= https?://)) (\S+) ")
ANSWER = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def refusing_connect(calls: Journal) -> type[HttpToolsProtocol]:
    """Return uvicorn's protocol for HTTP, but for what is meant for a proxy: noted and answered with 403.

    That is CONNECT, and a request for a whole address instead of a path. The address is the
    `url` of the call, so that a test can tell whether anything would have gone to Google.
    """

    class Protocol(HttpToolsProtocol):
        def data_received(self, data: bytes) -> None:
            # Only the first bytes of a connection are surely the start of a request.
            asked = FOR_A_PROXY.match(data) if self.cycle is None else None
            if asked is None:
                super().data_received(data)
                return
            method, url = (part.decode("ascii", "replace") for part in asked.groups())
            calls.record(Call("connect", method, url))
            self.transport.write(ANSWER)
            self.transport.close()

    return Protocol
