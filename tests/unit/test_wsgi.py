"""function/http/wsgi.py: what is done for a request, and that it ends."""

import threading
from typing import Any

import flask
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from werkzeug.test import EnvironBuilder

from function.http.settings import read_settings
from function.http.wsgi import SOCKET, WsgiApp

SETTINGS = read_settings({"MODEL_URI": "model.zip"})
RESPONSE = PlainTextResponse("the application")


class Stream:
    """A body that notes whether a timer runs while it is read."""

    def __init__(self, content: bytes) -> None:
        """`content` is all that a server hands over."""
        self._content = content
        self.timed = False

    def read(self, size: int = -1) -> bytes:
        """Return everything at once, then nothing."""
        self.timed |= any(isinstance(thread, threading.Timer) for thread in threading.enumerate())
        content, self._content = self._content, b""
        assert size < 0 or len(content) <= size
        return content

    readinto = None


@pytest.mark.parametrize(
    ("headers", "body", "timed"),
    [
        ({}, b"", False),
        ({"CONTENT_LENGTH": "0"}, b"", False),
        ({"CONTENT_LENGTH": "4"}, b"body", True),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, b"body", True),
    ],
)
def test_only_a_body_is_timed(headers: dict[str, Any], body: bytes, *, timed: bool) -> None:
    """A request without one starts no thread for nothing; the body arrives either way."""
    stream = Stream(body)
    environ = EnvironBuilder(method="POST").get_environ()
    environ.pop("CONTENT_LENGTH", None)
    environ |= {"wsgi.input": stream, "wsgi.input_terminated": True, SOCKET: None, **headers}
    WsgiApp(RESPONSE, SETTINGS).respond(flask.Request(environ))
    assert stream.timed is timed
    assert environ["wsgi.input"].read() == body


def test_a_request_ends_whose_caller_has_gone() -> None:
    """The server closes the response as soon as it cannot write the first part of it."""
    ended = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await RESPONSE(scope, receive, send)
        ended.set()

    environ = EnvironBuilder().get_environ()
    parts = iter(WsgiApp(app, SETTINGS).respond(flask.Request(environ))(environ, lambda *_: lambda _: None))
    assert next(parts) == RESPONSE.body
    del parts
    assert ended.wait(5)
