"""The composition root: builds the ASGI application from the settings."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from function.errors import NotFound, Problem
from function.http.bodies import RequestBody
from function.http.errors import MethodNotAllowed
from function.http.responses import problem_response
from function.http.routes import TABLE, Handler, Service
from function.http.settings import Settings
from function.inference.inference import Inference
from function.live.source import open_source
from function.live.store import ModelStore, Policy
from function.logs import log_exception, request_headers


class App:
    """The outermost ASGI layer: sends exactly one response to each request, and raises no exception."""

    def __init__(self, service: Service, trace_project: str = "") -> None:
        """Create the routes; log records refer to the traces of `trace_project`, if it is not empty."""
        self.service = service
        self._trace_project = trace_project
        resources = {path: _Resource(service, handlers) for path, handlers in TABLE.items()}
        self._fixed = {path: resource for path, resource in resources.items() if "{" not in path}
        routes = [Route(path, resource) for path, resource in resources.items() if "{" in path]
        self._router = Router(routes, redirect_slashes=False, default=_not_found)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request."""
        request_headers.set((self._trace_project, scope["headers"]))
        body = RequestBody(receive)
        try:
            await self._fixed.get(scope["path"], self._router)(scope, body, send)
        except ClientDisconnect:
            return
        except Exception as error:
            problem = error if isinstance(error, Problem) else _unexpected(error, scope)
            await body.discard()
            await problem_response(problem, scope["path"], self.service.store.live)(scope, receive, send)


class _Resource:
    """A path, with a handler for each of its methods."""

    def __init__(self, service: Service, handlers: Mapping[str, Handler]) -> None:
        self._service = service
        self._handlers = {"HEAD": handlers["GET"], **handlers} if "GET" in handlers else handlers
        self._allowed = ", ".join(sorted(self._handlers))

    async def __call__(self, scope: Scope, receive: RequestBody, send: Send) -> None:
        handler = self._handlers.get(scope["method"])
        if handler is None:
            raise MethodNotAllowed(self._allowed)
        response = await handler(self._service, Request(scope), receive)
        await response(scope, receive, send)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotFound(f"This path does not exist. The paths are {', '.join(TABLE)}.")


def _unexpected(error: Exception, scope: Scope) -> Problem:
    log_exception("A request failed unexpectedly.", error, path=scope["path"], method=scope["method"])
    return Problem("The service failed unexpectedly. Its log has the details.")


def create_app(settings: Settings) -> App:
    """Create the store, the inference and the routes once, from the settings.

    With `preload` the model is loaded here, in a process that may fork afterwards. This uses a separate source, whose
    client is discarded, and no thread. If it fails, the first request loads the model.
    """
    policy = Policy(settings.max_model_bytes, settings.model_refresh_seconds, settings.model_refresh_wait_seconds)
    store = ModelStore(open_source(settings.model_uri), policy, ThreadPoolExecutor(1))
    if settings.preload:
        store.preload(open_source(settings.model_uri))
    threads = os.cpu_count() or 1
    inference = Inference(
        settings.max_rows,
        ThreadPoolExecutor(threads),
        ThreadPoolExecutor(threads),
        batch_threads=threads,
        max_waiting=settings.max_waiting_requests,
    )
    return App(Service(store, inference, settings.max_body_bytes), settings.trace_project)
