"""The entry points that the functions framework calls."""

import gc
import io
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import flask
import functions_framework.aio

from function.http.app import create_app
from function.http.bodies import read_stream
from function.http.settings import read_settings

if TYPE_CHECKING:
    from a2wsgi import ASGIMiddleware
    from starlette.requests import Request

# Any: the types of the framework and of the adapter do not accept other applications.
app: Any = create_app(read_settings(os.environ))

# Concurrent requests keep many objects alive that are not garbage. With Python's default threshold of 700 objects,
# garbage collection takes a third of the time.
gc.set_threshold(20_000, 50, 50)


@functions_framework.aio.http
async def predict(request: "Request") -> Any:
    """Handle a request over ASGI: the framework calls the returned application as the response."""
    return app


def predict_flask(request: flask.Request) -> "ASGIMiddleware":
    """Handle a request over WSGI with the same application, for hosts that support WSGI only."""
    # The adapter reads a chunked body as empty, so the body is read here and passed on with its length.
    body = read_stream(request.stream, app.service.max_body_bytes)
    request.environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    return _adapter()


@cache
def _adapter() -> "ASGIMiddleware":
    # Created on first use: its event loop runs in a thread, which would not survive a fork.
    from a2wsgi import ASGIMiddleware

    return ASGIMiddleware(app)
