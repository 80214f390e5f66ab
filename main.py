"""The entry points that the functions framework calls."""

import gc

gc.disable()  # What the imports below create is not garbage.

import os
from typing import TYPE_CHECKING, Any

import flask
import functions_framework.aio

# First of all, because deep inside other imports many of its calls need a new chunk of the interpreter's stack, which
# doubles its time.
import numpy as np  # noqa: F401

from function.http.app import create_app
from function.http.direct import serve_directly
from function.http.settings import read_settings
from function.http.wsgi import WsgiApp
from function.workers import prepare_workers

if TYPE_CHECKING:
    from starlette.requests import Request

# Concurrent requests keep many objects alive that are not garbage. With Python's default threshold, 700 objects up to
# Python 3.12, garbage collection takes a third of the time; from 3.13 on it is 2,000, and less is gained.
gc.set_threshold(20_000, 50, 50)
gc.freeze()
gc.enable()

# Any: the types of the framework do not accept other applications.
settings = read_settings(os.environ)
app: Any = create_app(settings)
wsgi_app = WsgiApp(app, settings)

prepare_workers()


@functions_framework.aio.http
async def predict(request: "Request") -> Any:
    """Handle the first request over ASGI: the framework calls the returned application as the response."""
    serve_directly(request.app, app)
    return app


def predict_flask(request: flask.Request) -> Any:
    """Handle a request over WSGI with the same application, for hosts that support WSGI only."""
    return wsgi_app.respond(request)
