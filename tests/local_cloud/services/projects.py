"""Resource Manager: the project and its IAM policy."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import path_name
from tests.local_cloud.regular.policy_api import PolicyApi

PROJECT = "/cloudresourcemanager/v1/projects/{project}"


class ProjectApi:
    """Reading the project; it is neither made nor deleted."""

    def __init__(self, common: Common) -> None:
        """Serve the cloud's one project."""
        self._project = common.project

    async def get(self, request: Request) -> Response:
        """Return the project; 403 for another."""
        self._project.check(path_name(request, "project"))
        return JSONResponse(
            {
                "projectNumber": self._project.number,
                "projectId": self._project.id,
                "lifecycleState": "ACTIVE",
                "name": self._project.id,
                "createTime": "2026-01-01T00:00:00.000Z",
                "parent": {"type": "organization", "id": "987654321"},
            }
        )

    def full_name(self, request: Request) -> str:
        """Return the full name of the project."""
        self._project.check(path_name(request, "project"))
        return self._project.full_name


def operations(common: Common) -> list[Operation]:
    """Return the calls about the project."""
    api = ProjectApi(common)
    policies = PolicyApi(common.policies, api.full_name)
    return [*policies.operations(PROJECT), Operation("GET", PROJECT, "project", api.get)]
