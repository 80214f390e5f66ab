"""Compute's operations, which are done as soon as they are answered."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.clock import timestamp
from tests.local_cloud.common import Common
from tests.local_cloud.compute.links import link
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.errors import CloudError
from tests.local_cloud.regular.collection_api import params
from tests.local_cloud.regular.resource import Resource

PLACES = ("global", "regions/{region}")


class Operations:
    """What was done, by name."""

    def __init__(self, common: Common) -> None:
        """Start with none."""
        self._common = common
        self._done: dict[str, dict[str, Any]] = {}

    def add(self, type: str, resource: Resource) -> dict[str, Any]:
        """Note what was done to a resource; return it as JSON."""
        now = timestamp(self._common.clock.tick())
        number = self._common.number()
        place = resource.name.rsplit("/", 2)[0]
        name = f"{place}/operations/operation-{number}"
        self._done[name] = {
            "kind": "compute#operation",
            "id": number,
            "name": f"operation-{number}",
            "operationType": type,
            "status": "DONE",
            "progress": 100,
            "targetLink": link(resource.name),
            "targetId": resource.number,
            "user": "terraform@example.com",
            "insertTime": now,
            "startTime": now,
            "endTime": now,
            "selfLink": link(name),
            **({"region": link(place)} if "/regions/" in place else {}),
        }
        return self._done[name]

    def operations(self) -> list[Operation]:
        """Return the calls about operations."""
        paths = [f"/compute/compute/v1/projects/{{project}}/{place}/operations/{{id}}" for place in PLACES]
        return [
            *[Operation("POST", path + "/wait", "operation", self.get) for path in paths],
            *[Operation("GET", path, "operation", self.get) for path in paths],
        ]

    async def get(self, request: Request) -> Response:
        """Return an operation; 404."""
        given = params(request)
        place = PLACES["region" in given].format(**given)
        name = f"projects/{self._common.project.check(given['project'])}/{place}/operations/{given['id']}"
        if name not in self._done:
            raise CloudError(404, f"The resource '{name}' was not found")
        return JSONResponse(self._done[name])
