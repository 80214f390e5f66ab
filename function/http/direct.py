"""HTTP requests reach the application past the layers of the functions framework."""

from collections.abc import Awaitable

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send


class Direct:
    """The outermost layer of the framework's application, once `serve_directly` has been called."""

    def __init__(self, app: ASGIApp, layers: ASGIApp) -> None:
        """Call `app` for HTTP requests, and the framework's `layers` for anything else."""
        self._app, self._layers = app, layers

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Call one of both."""
        return (self._app if scope["type"] == "http" else self._layers)(scope, receive, send)


def serve_directly(framework: Starlette, app: ASGIApp) -> None:
    """Let the framework's application call `app` for each HTTP request, without its own middleware, routes and handler.

    They take a third of the CPU time of a request: an execution id of twelve random numbers, a pattern for each path,
    a handler for exceptions. The application does all that itself: it responds to every path, method and failure, and
    its log records have the id of the request.
    """
    layers = framework.middleware_stack
    if layers is not None and not isinstance(layers, Direct):
        framework.middleware_stack = Direct(app, layers)
