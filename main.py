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

# Any: the framework's and the adapter's types know no applications but their own.
app: Any = create_app(read_settings(os.environ))

# Requests that wait for one another are no garbage: at Python's own 700 objects, looking for some among them
# takes a third of the time.
gc.set_threshold(20_000, 50, 50)


@functions_framework.aio.http
async def predict(request: "Request") -> Any:
    """Answer over ASGI: the framework calls whatever application it is given as the response."""
    return app


def predict_flask(request: flask.Request) -> "ASGIMiddleware":
    """Answer over WSGI, by the same application, for hosts that run nothing else."""
    # The adapter takes a chunked body for an empty one: it gets the bytes and their length.
    body = read_stream(request.stream, app.service.max_body_bytes)
    request.environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    return _adapter()


@cache
def _adapter() -> "ASGIMiddleware":
    # Made on first use: its event loop runs in a thread, which would not live through a fork.
    from a2wsgi import ASGIMiddleware

    return ASGIMiddleware(app)
