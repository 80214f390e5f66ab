"""The composition root: builds the ASGI application from the settings."""

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from function.errors import NotFound, TimedOut
from function.http.bodies import RequestBody
from function.http.errors import BodyTimedOut, MethodNotAllowed
from function.http.failures import FailureLog
from function.http.metrics import Metrics
from function.http.request_ids import HEADER, request_id
from function.http.responses import problem_response
from function.http.routes import NAMES, TABLE, Handler, Service
from function.http.settings import Settings
from function.http.time_limit import TimeLimit
from function.inference.inference import Inference
from function.inference.phases import UNTIMED
from function.live.source import open_source
from function.live.store import ModelStore, Policy
from function.logs import RequestContext, current_request
from function.protocols import open_inference

ROUTE = "taxiway.route"
"""The key of the request's route in its scope."""


class App:
    """The outermost ASGI layer: sends exactly one response to each request, and raises no exception."""

    def __init__(self, service: Service, trace_project: str = "", request_seconds: float = 30.0) -> None:
        """Create the routes.

        Args:
            service: what the handlers need.
            trace_project: the project of the traces that log records refer to; if empty, they refer to none.
            request_seconds: how long a request may take.
        """
        self.service = service
        self._trace_project = trace_project
        self._limit = TimeLimit(request_seconds)
        self._failures = FailureLog()
        self._resources = Resources(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request."""
        headers = dict(scope["headers"])
        id_ = request_id(headers)
        current_request.set(RequestContext(id_, self._trace_project, headers))
        body = RequestBody(receive, headers)
        try:
            response = await self._limit.run(self._resources.respond(scope, body))
        except ClientDisconnect:
            return
        except Exception as error:
            response = await self._failure(error, scope, body)
        if metrics := self.service.metrics:
            metrics.responded(scope["method"], scope.get(ROUTE, "other"), response.status_code)
        response.raw_headers.append((HEADER, id_.encode()))
        await response(scope, receive, send)

    async def _failure(self, error: Exception, scope: Scope, body: RequestBody) -> Response:
        """Create the response to a failure, after what is left of the body has been read."""
        store = self.service.store
        if isinstance(error, TimedOut):
            if not body.ended:
                error = BodyTimedOut(f"The body did not arrive within {self._limit.seconds:g} s.")
            elif store.live is None:
                error = store.unavailable()
        else:
            with suppress(TimedOut):
                await self._limit.run(body.discard())
        problem = self._failures.write(error, scope["method"], scope["path"])
        if metrics := self.service.metrics:
            metrics.failed(problem)
        return problem_response(problem, scope["path"], store.live)


class Resources:
    """All paths, each with a handler for each of its methods."""

    def __init__(self, service: Service) -> None:
        """Prepare the table of routes."""
        self._service = service
        self._resources = {path: _resource(path, handlers) for path, handlers in TABLE.items()}
        self._fixed = {path: resource for path, resource in self._resources.items() if "{" not in path}

    @cached_property
    def _patterns(self) -> Sequence[tuple[re.Pattern[str], "_Resource"]]:
        return [(compile_path(path)[0], each) for path, each in self._resources.items() if "{" in path]

    async def respond(self, scope: Scope, body: RequestBody) -> Response:
        """Call the handler of a request."""
        path = scope["path"]
        resource = self._fixed.get(path) or self._find(path, scope) or self._find(path.removesuffix("/"), scope)
        if resource is None:
            raise NotFound(f"This path does not exist. The paths are {', '.join(TABLE)}.")
        scope[ROUTE] = resource.path
        handler = resource.handlers.get(scope["method"])
        if handler is None:
            raise MethodNotAllowed(", ".join(sorted(resource.handlers)))
        return await handler(self._service, Request(scope), body)

    def _find(self, path: str, scope: Scope) -> "_Resource | None":
        for pattern, resource in self._patterns:
            if found := pattern.match(path):
                scope[NAMES] = found.groupdict()
                return resource
        return self._fixed.get(path)


class _Resource(NamedTuple):
    """A path, with a handler for each of its methods."""

    path: str
    handlers: Mapping[str, Handler]


def _resource(path: str, handlers: Mapping[str, Handler]) -> _Resource:
    return _Resource(path, {"HEAD": handlers["GET"], **handlers} if "GET" in handlers else handlers)


def create_app(settings: Settings) -> ASGIApp:
    """Create the store, the inference and the routes once, from the settings.

    With `preload` the model is loaded here, in a process that may fork afterwards. This uses a separate source, whose
    client is discarded, and no thread. If it fails, the first request loads the model.
    """
    policy = Policy(settings.max_model_bytes, settings.model_refresh_seconds, settings.model_refresh_wait_seconds)
    store = ModelStore(open_source(settings.model_uri), policy, ThreadPoolExecutor(1))
    if settings.preload:
        store.preload(open_source(settings.model_uri))
    threads = os.cpu_count() or 1
    metrics = Metrics() if settings.metrics else None
    inference = Inference(
        settings.max_rows,
        ThreadPoolExecutor(threads),
        ThreadPoolExecutor(threads),
        batch_threads=threads,
        max_waiting=settings.max_waiting_requests,
        phases=metrics or UNTIMED,
    )
    service = Service(store, inference, settings.max_body_bytes, metrics)
    app = App(service, settings.trace_project, settings.request_seconds)
    return allow_origins(app, settings.cors_origins.split(",")) if settings.cors_origins else app


def allow_origins(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let browsers' pages of other origins call the application; https://fetch.spec.whatwg.org/#http-cors-protocol."""
    # Imported here, because few need it.
    from starlette.middleware.cors import CORSMiddleware

    return CORSMiddleware(
        app,
        allow_origins=[origin.strip() for origin in origins],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["Retry-After", "X-Model-Version", "X-Request-Id", "X-Unknown-Values", open_inference.HEADER],
    )
