"""Calls about one rule of a security policy, which its priority names."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.compute.resource_api import ResourceApi
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.errors import CloudError
from tests.local_cloud.incoming import json_object, query_number
from tests.local_cloud.regular.collection_api import mask
from tests.local_cloud.regular.masks import apply_mask


class PolicyRulesApi:
    """Adding, changing and removing rules of the policies that `policies` serves."""

    def __init__(self, policies: ResourceApi) -> None:
        """Answer as `policies` does."""
        self._policies = policies

    def operations(self) -> list[Operation]:
        """Return the calls."""
        item = self._policies.kind.path + "/{id}"
        return [
            Operation("GET", item + "/getRule", "rule", self.get),
            Operation("POST", item + "/addRule", "rule", self.add),
            Operation("POST", item + "/patchRule", "rule", self.patch),
            Operation("POST", item + "/removeRule", "rule", self.remove),
        ]

    async def get(self, request: Request) -> Response:
        """Return a rule; 404."""
        return JSONResponse(self._rule(request))

    async def add(self, request: Request) -> Response:
        """Add a rule; 400 when there is one of this priority."""
        return self._replace(request, "addRule", [*self._rules(request), await json_object(request)])

    async def patch(self, request: Request) -> Response:
        """Change what the mask names of a rule; 404."""
        rule, body = self._rule(request), await json_object(request)
        changed = apply_mask(rule, body, mask(request, body))
        rules = [changed if each is rule else each for each in self._rules(request)]
        return self._replace(request, "patchRule", rules)

    async def remove(self, request: Request) -> Response:
        """Remove a rule; 404."""
        rule = self._rule(request)
        return self._replace(request, "removeRule", [each for each in self._rules(request) if each is not rule])

    def _rules(self, request: Request) -> list[dict[str, Any]]:
        rules: list[dict[str, Any]] = self._policies.found(request).fields.get("rules", [])
        return rules

    def _rule(self, request: Request) -> dict[str, Any]:
        priority = query_number(request, "priority") or 0
        for rule in self._rules(request):
            if rule["priority"] == priority:
                return rule
        raise CloudError(404, f"There is no rule of priority {priority}.")

    def _replace(self, request: Request, type: str, rules: list[dict[str, Any]]) -> Response:
        found = self._policies.found(request)
        return self._policies.change_fields(type, found, {**found.fields, "rules": rules})
