"""The application for hosts that support WSGI only, behind an adapter."""

import io
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import flask
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from function.errors import TimedOut
from function.http.bodies import MAX_DISCARDED_BYTES
from function.http.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from a2wsgi import ASGIMiddleware

SOCKET = "gunicorn.socket"
"""The key of the connection in the environment of a request that gunicorn reads."""
TIMED_OUT = "taxiway.timed_out"
"""The key that is set in the environment of a request whose body did not arrive in time."""
_CHUNK_BYTES = 64 * 1024


class Readable(Protocol):
    """A file-like body."""

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; return none at the end."""


def read(stream: Readable, limit: int) -> bytes:
    """Read up to `limit` + 1 bytes of a body, and discard the rest up to `MAX_DISCARDED_BYTES`."""
    body = stream.read(limit + 1)
    left = MAX_DISCARDED_BYTES if len(body) > limit else 0
    while left > 0 and (chunk := stream.read(_CHUNK_BYTES)):
        left -= len(chunk)
    return body


class WsgiApp:
    """Reads the bodies of WSGI requests, and lends an ASGI application its adapter."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Prepare; neither a thread nor an event loop is started."""
        self._app = app
        self._max_body_bytes = settings.max_body_bytes
        self._seconds = settings.request_seconds
        self._lock = threading.Lock()
        self._adapter: ASGIMiddleware | None = None

    def respond(self, request: flask.Request) -> "WSGIApplication":
        """Return a WSGI application, as the response to a request whose body has been read."""
        environ = request.environ
        # The adapter reads a chunked body as empty, so the body is read here and passed on with its length.
        body = self._read(request)
        environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        # The adapter fails on a path that is not UTF-8. The characters of a WSGI path are its bytes.
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        environ["PATH_INFO"] = path.encode().decode("latin-1")
        return self._run

    def _read(self, request: flask.Request) -> bytes:
        """Read a body, if there is one, for no longer than a request may take, if the connection can be reached."""
        environ = request.environ
        if SOCKET not in environ or not (request.content_length or "HTTP_TRANSFER_ENCODING" in environ):
            return read(request.stream, self._max_body_bytes)
        timer = threading.Timer(self._seconds, _end, [environ])
        timer.start()
        try:
            return read(request.stream, self._max_body_bytes)
        except Exception:
            if TIMED_OUT not in environ:
                raise
            return b""
        finally:
            timer.cancel()

    def _run(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Return the whole response: in the adapter, a request of which a caller reads only a part would never end."""
        # Any: the adapter has types of its own for WSGI.
        adapter: Any = self._adapted()
        return list(adapter(environ, start_response))

    def _adapted(self) -> "ASGIMiddleware":
        """Return the one adapter of this process, whose event loop runs in a thread.

        It is created on first use, because that thread would not survive a fork; and once, because what waits for the
        model belongs to one event loop.
        """
        with self._lock:
            if self._adapter is None:
                from a2wsgi import ASGIMiddleware

                # Any: it has types of its own for ASGI's messages.
                call: Any = self._call
                self._adapter = ASGIMiddleware(call)
            return self._adapter

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def fail() -> Message:
            raise TimedOut

        await self._app(scope, fail if scope["wsgi_environ"].get(TIMED_OUT) else receive, send)


def _end(environ: dict[str, Any]) -> None:
    """End a request's body, for who waits for it; its response can still be sent."""
    environ[TIMED_OUT] = True
    with suppress(OSError):
        environ[SOCKET].shutdown(socket.SHUT_RD)
