"""The cloud as one ASGI application: the control, then every service's routes."""

from collections.abc import Callable

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.local_cloud.control import control_routes
from tests.local_cloud.error_response import error_response
from tests.local_cloud.errors import CloudError
from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.rim import Rim
from tests.local_cloud.storage import Storage, operations


def application(calls: Journal, faults: Faults, storage: Storage, hang_up: Callable[[Scope], None]) -> ASGIApp:
    """Return the application; `hang_up` closes the connection that a scope came over."""
    rim = Rim(calls, faults, hang_up)
    # Storage comes last: its paths at the host's root match nearly everything.
    routes = [*control_routes(calls, faults), *rim.routes(operations(storage))]
    router = Router(routes, redirect_slashes=False, default=_unknown)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        # Routes match the path as it was sent: a slash within a name arrives as %2F.
        await router({**scope, "path": scope["raw_path"].decode("ascii")}, receive, send)

    return serve


async def _unknown(scope: Scope, receive: Receive, send: Send) -> None:
    error = CloudError(404, f"The local cloud does not know {scope['method']} {scope['path']}")
    await error_response(error)(scope, receive, send)
