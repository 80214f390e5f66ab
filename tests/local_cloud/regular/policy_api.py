"""Calls about the IAM policies of resources."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import json_object
from tests.local_cloud.policies import Policies

FullName = Callable[[Request], str]


class PolicyApi:
    """Reading and replacing the policies of one kind of resource."""

    def __init__(self, policies: Policies, full_name: FullName) -> None:
        """Serve `policies`; `full_name` tells whose policy a call is about, or raises 404."""
        self._policies = policies
        self._full_name = full_name

    def operations(self, item: str) -> list[Operation]:
        """Return the calls about the resources at the path `item`."""
        return [
            Operation("GET", item + ":getIamPolicy", "policy", self.get),
            Operation("POST", item + ":getIamPolicy", "policy", self.get),
            Operation("POST", item + ":setIamPolicy", "policy", self.set),
        ]

    async def get(self, request: Request) -> Response:
        """Return the policy of a resource."""
        return JSONResponse(self._policies.get(self._full_name(request)))

    async def set(self, request: Request) -> Response:
        """Replace the policy of a resource: 200, 400, 404 or 409."""
        body = await json_object(request)
        return JSONResponse(self._policies.replace(self._full_name(request), body.get("policy", {})))
