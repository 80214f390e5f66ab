"""Setting faults and reading the journal over HTTP, for tests in another process."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.local_cloud.error_response import error_response
from tests.local_cloud.errors import CloudError
from tests.local_cloud.faults import Fault, Faults
from tests.local_cloud.journal import Journal


def control_routes(calls: Journal, faults: Faults) -> list[Route]:
    """Return the routes of the control, which are neither noted nor spoilt."""
    return [
        Route("/_faults", _fault_endpoint(faults), methods=["GET", "POST", "DELETE"]),
        Route("/_calls", _call_endpoint(calls), methods=["GET", "DELETE"]),
    ]


def _fault_endpoint(faults: Faults) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            try:
                faults.add(msgspec.json.decode(await request.body(), type=Fault))
            except msgspec.MsgspecError as error:
                return error_response(CloudError(400, str(error)))
        return JSONResponse({"faults": faults.resources()})

    return endpoint


def _call_endpoint(calls: Journal) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "DELETE":
            calls.clear()
        return JSONResponse({"calls": [asdict(call) for call in calls]})

    return endpoint
