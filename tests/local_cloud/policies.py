"""IAM policies: who may do what with which resource."""

import base64
import itertools
from collections.abc import Mapping
from typing import Any

from tests.local_cloud.errors import CloudError, CodedError

Policy = Mapping[str, Any]
NEVER_SET: Policy = {"version": 1, "etag": "ACAB"}
EVERYBODY = {"allUsers", "allAuthenticatedUsers"}


class Policies:
    """The policies by the full name of their resource, such as `//run.googleapis.com/projects/...`."""

    def __init__(self) -> None:
        """Start with none: a resource whose policy was never set has an empty one."""
        self._policies: dict[str, Policy] = {}
        self._first: dict[str, Policy] = {}
        self.given: dict[tuple[str, str, str], None] = {}
        """All that was ever granted, in order: resource, role, member."""
        self._changes = itertools.count(1)

    def all(self) -> dict[str, Policy]:
        """Return every policy that was set, by the full name of its resource."""
        return dict(self._policies)

    def begin_with(self, collection: str, policy: Policy) -> None:
        """Give all resources of a collection, by its full name, a policy that they have until it is replaced."""
        self._first[collection] = policy

    def get(self, resource: str) -> Policy:
        """Return the policy of a resource."""
        first = self._first.get(resource.rpartition("/")[0], NEVER_SET)
        return self._policies.get(resource, first)

    def replace(self, resource: str, policy: Policy, conflict: int = 409) -> Policy:
        """Replace a policy and return it with a new etag; `conflict` when it changed since it was read."""
        if policy.get("etag", "") not in ("", self.get(resource)["etag"]):
            raise CodedError(conflict, "There were concurrent policy changes. Please retry with a fresh etag.")
        bindings = policy.get("bindings") or []
        _check(bindings)
        self.given.update({(resource, each["role"], member): None for each in bindings for member in each["members"]})
        stored = {"version": policy.get("version", 1), "etag": self._etag()}
        self._policies[resource] = {**stored, "bindings": bindings} if bindings else stored
        return self._policies[resource]

    def forget(self, resource: str) -> None:
        """Drop the policy of a resource that is gone."""
        self._policies.pop(resource, None)

    def members(self, resource: str, role: str) -> set[str]:
        """Return those who hold a role on a resource, such as `user:someone@example.com`."""
        bindings = self.get(resource).get("bindings", [])
        return {member for binding in bindings if binding["role"] == role for member in binding["members"]}

    def _etag(self) -> str:
        return base64.b64encode(f"policy {next(self._changes)}".encode()).decode()


def _check(bindings: list[Mapping[str, Any]]) -> None:
    for binding in bindings:
        if "roles/" not in str(binding.get("role")):
            raise CloudError(400, f"Role {binding.get('role')} is not supported for this resource.")
        if binding.get("condition"):
            raise CodedError(501, "The local cloud does not evaluate the conditions of grants.")
        for member in binding.get("members", []):
            if member not in EVERYBODY and ":" not in member:
                raise CodedError(400, f"Invalid member {member}: it has no type, such as user: or serviceAccount:")
