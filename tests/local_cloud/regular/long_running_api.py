"""Calls about long-running operations."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import path_name

PATH = "/projects/{project}/locations/{location}/operations/{operation}"


class LongRunningApi:
    """Asking how an operation is doing."""

    def __init__(self, common: Common) -> None:
        """Serve all operations."""
        self._common = common

    def operations(self, *roots: str) -> list[Operation]:
        """Return the calls under the roots of several APIs, such as `/run/v2`."""
        return [Operation("GET", root + PATH, "operation", self.get) for root in roots]

    async def get(self, request: Request) -> Response:
        """Return an operation."""
        project = self._common.project.check(path_name(request, "project"))
        place = f"projects/{project}/locations/{path_name(request, 'location')}"
        name = f"{place}/operations/{path_name(request, 'operation')}"
        return JSONResponse(self._common.long_running.get(name))
