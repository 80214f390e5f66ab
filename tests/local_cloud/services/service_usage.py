"""Service Usage: which of Google's services the project has switched on."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import json_object, path_name

SERVICES = "/serviceusage/v1/projects/{project}/services"
SERVICE = SERVICES + "/{service}"


class ServiceUsageApi:
    """Enabling, disabling and listing services; no other call asks whether its own is enabled."""

    def __init__(self, common: Common) -> None:
        """Start with none enabled."""
        self._common = common
        self._enabled: set[str] = set()

    async def list(self, request: Request) -> Response:
        """Return the enabled services, whatever the filter says."""
        self._project(request)
        return JSONResponse({"services": [self._resource(name) for name in sorted(self._enabled)]})

    async def get(self, request: Request) -> Response:
        """Return a service, enabled or not."""
        self._project(request)
        return JSONResponse(self._resource(path_name(request, "service")))

    async def batch_enable(self, request: Request) -> Response:
        """Enable several services."""
        names = (await json_object(request)).get("serviceIds", [])
        self._project(request)
        self._enabled.update(names)
        return self._done("BatchEnableServicesResponse", {"services": [self._resource(name) for name in names]})

    async def enable(self, request: Request) -> Response:
        """Enable a service."""
        self._project(request)
        self._enabled.add(path_name(request, "service"))
        return self._done("EnableServiceResponse", {"service": self._resource(path_name(request, "service"))})

    async def disable(self, request: Request) -> Response:
        """Disable a service."""
        self._project(request)
        self._enabled.discard(path_name(request, "service"))
        return self._done("DisableServiceResponse", {"service": self._resource(path_name(request, "service"))})

    def _project(self, request: Request) -> None:
        self._common.project.check(path_name(request, "project"))

    def _resource(self, name: str) -> dict[str, Any]:
        project = f"projects/{self._common.project.number}"
        state = "ENABLED" if name in self._enabled else "DISABLED"
        return {"name": f"{project}/services/{name}", "parent": project, "config": {"name": name}, "state": state}

    def _done(self, message: str, response: dict[str, Any]) -> Response:
        name = f"operations/acat.{self._common.number()}"
        outcome = {"@type": f"type.googleapis.com/google.api.serviceusage.v1.{message}", **response}
        return JSONResponse({"name": name, "done": True, "response": outcome})


def operations(common: Common) -> list[Operation]:
    """Return the calls about services."""
    api = ServiceUsageApi(common)
    return [
        Operation("POST", SERVICES + ":batchEnable", "services", api.batch_enable),
        Operation("POST", SERVICE + ":enable", "services", api.enable),
        Operation("POST", SERVICE + ":disable", "services", api.disable),
        Operation("GET", SERVICES, "services", api.list),
        Operation("GET", SERVICE, "services", api.get),
    ]
