"""Cloud Run: who may call the services that functions are; there are no others here."""

from starlette.requests import Request

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import path_name
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.policy_api import PolicyApi

SERVICE = "/projects/{project}/locations/{location}/services/{service}"


class RunServices:
    """The service of each function has the function's name, and a policy of its own."""

    def __init__(self, common: Common, functions: Collection) -> None:
        """Look the services up among the functions."""
        self._common = common
        self._functions = functions

    def full_name(self, request: Request) -> str:
        """Return the full name of the service of a function that exists; 404."""
        place = {key: path_name(request, key) for key in ("project", "location")}
        function = self._functions.get(self._functions.name(place, path_name(request, "service")))
        return full_name(function.name)


def full_name(function: str) -> str:
    """Return the full name of the service of a function."""
    return "//run.googleapis.com/" + function.replace("/functions/", "/services/")


def operations(common: Common, functions: Collection) -> list[Operation]:
    """Return the calls about services, in both versions of the API."""
    policies = PolicyApi(common.policies, RunServices(common, functions).full_name)
    return [row for version in ("v1", "v2") for row in policies.operations(f"/run/{version}{SERVICE}")]
