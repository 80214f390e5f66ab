"""The entry points that the functions framework calls."""

import gc
import io
import os
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import flask
import functions_framework.aio

from function.http.app import create_app
from function.http.bodies import read_stream
from function.http.settings import read_settings
from function.logs import use_for_all_loggers

if TYPE_CHECKING:
    from a2wsgi import ASGIMiddleware
    from starlette.requests import Request

# Any: the types of the framework and of the adapter do not accept other applications.
settings = read_settings(os.environ)
app: Any = create_app(settings)

# Concurrent requests keep many objects alive that are not garbage. With Python's default threshold of 700 objects,
# garbage collection takes a third of the time.
gc.set_threshold(20_000, 50, 50)

# The server configures its loggers after this module is imported, and before it forks its first worker.
os.register_at_fork(before=use_for_all_loggers)


@functions_framework.aio.http
async def predict(request: "Request") -> Any:
    """Handle a request over ASGI: the framework calls the returned application as the response."""
    return app


def predict_flask(request: flask.Request) -> "ASGIMiddleware":
    """Handle a request over WSGI with the same application, for hosts that support WSGI only."""
    # The adapter reads a chunked body as empty, so the body is read here and passed on with its length.
    body = read_stream(request.stream, settings.max_body_bytes)
    request.environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    # The adapter fails on a path that is not UTF-8. The characters of a WSGI path are its bytes.
    path = request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    request.environ["PATH_INFO"] = path.encode().decode("latin-1")
    return _adapter()


_adapter_lock = threading.Lock()


def _adapter() -> "ASGIMiddleware":
    """Return the one adapter of this process, whose event loop runs in a thread.

    It is created on first use, because that thread would not survive a fork; and once, because what waits for the
    model belongs to one event loop.
    """
    with _adapter_lock:
        return _create_adapter()


@cache
def _create_adapter() -> "ASGIMiddleware":
    from a2wsgi import ASGIMiddleware

    return ASGIMiddleware(app)
