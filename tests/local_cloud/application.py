"""The cloud as one ASGI application: the control, then every service's routes."""

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.local_cloud import storage as cloud_storage
from tests.local_cloud.bigquery import routes as bigquery
from tests.local_cloud.common import Common
from tests.local_cloud.compute import routes as compute
from tests.local_cloud.compute.catalogue import Catalogue
from tests.local_cloud.control import control_routes
from tests.local_cloud.dispatch import Dispatcher, Operation
from tests.local_cloud.environment import PREFIXES
from tests.local_cloud.error_response import error_response
from tests.local_cloud.errors import CloudError
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.long_running_api import LongRunningApi
from tests.local_cloud.running.host import Host
from tests.local_cloud.services import (
    artifact_registry,
    federation,
    functions,
    logs,
    monitoring,
    projects,
    roles,
    service_accounts,
    service_usage,
    tokens,
)
from tests.local_cloud.storage.unknown_api import unknown

REGULAR = (artifact_registry, federation, logs, monitoring, projects, roles, service_accounts, service_usage, tokens)
WITH_OPERATIONS = ("/artifactregistry/v1", "/cloudfunctions/v2", "/iam/v1", "/run/v2")


def application(
    dispatcher: Dispatcher, common: Common, storage: cloud_storage.Storage, host: Host, catalogue: Catalogue
) -> ASGIApp:
    """Return the application; `host` runs the functions, `catalogue` holds what Compute has."""
    deployed = Collection(functions.FUNCTIONS, common)
    # Storage comes last: its paths at the host's root match nearly everything.
    rows = [
        *[row for service in REGULAR for row in service.operations(common)],
        *functions.operations(common, deployed, host),
        *compute.operations(common, catalogue),
        *bigquery.operations(common, deployed),
        *LongRunningApi(common).operations(*WITH_OPERATIONS),
        *[
            Operation(None, f"/{prefix}/{{rest:path}}", "unknown", unknown)
            for prefix in PREFIXES
            if prefix != "storage"
        ],
        *cloud_storage.operations(storage, common.policies, common.project),
    ]
    routes = [*control_routes(dispatcher.calls, dispatcher.faults), *dispatcher.routes(rows)]
    router = Router(routes, redirect_slashes=False, default=_unknown)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        # Routes match the path as it was sent: a slash within a name arrives as %2F.
        await router({**scope, "path": scope["raw_path"].decode("ascii")}, receive, send)

    return serve


async def _unknown(scope: Scope, receive: Receive, send: Send) -> None:
    error = CloudError(404, f"The local cloud does not know {scope['method']} {scope['path']}")
    await error_response(error)(scope, receive, send)
