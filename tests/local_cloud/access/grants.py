"""Which grants give a caller a permission on a resource."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.local_cloud.access.callers import Caller
from tests.local_cloud.access.roles import BASIC, ROLES
from tests.local_cloud.policies import Policies
from tests.local_cloud.project import Project


@dataclass(frozen=True, order=True)
class Grant:
    """A role that a member was given on a resource."""

    resource: str
    role: str
    member: str

    def __str__(self) -> str:
        """Name the member, the role and the resource without its host."""
        return f"{self.member} {self.role} on {self.resource.split('/', 3)[3]}"


Way = frozenset[Grant]
"""The grants that together give a permission: two where a bucket's policy names a basic role."""


class Grants:
    """Looks up policies; grants that are `without` count as never given."""

    def __init__(self, policies: Policies, project: Project) -> None:
        """Read `policies`; a resource inherits from all that its name begins with, and from the project."""
        self._policies = policies
        self._project = project
        self.without: Callable[[Grant], bool] = lambda grant: False

    def ways(self, caller: Caller, permission: str, resource: str) -> list[Way]:
        """Return every way in which a caller has a permission on a resource."""
        return [way for place in self._inherited(resource) for way in self._at(place, caller, permission)]

    def _inherited(self, resource: str) -> list[str]:
        head, *rest = resource.removeprefix("//").split("/")
        places = ["//" + "/".join([head, *rest[:length]]) for length in range(len(rest), 0, -1)]
        return list(dict.fromkeys([*places, self._project.full_name]))

    def _at(self, place: str, caller: Caller, permission: str) -> Iterator[Way]:
        for binding in self._policies.get(place).get("bindings", []):
            if permission not in ROLES.get(binding["role"], ()):
                continue
            for member in binding["members"]:
                yield from self._of_member(Grant(place, binding["role"], member), caller)

    def _of_member(self, grant: Grant, caller: Caller) -> Iterator[Way]:
        if self.without(grant):
            return
        kind, _, of = grant.member.partition(":")
        project = self._project.full_name
        if grant.member in caller.members:
            yield frozenset({grant})
        elif kind in BASIC and of == self._project.id:
            for binding in self._policies.get(project).get("bindings", []):
                for member in caller.members & set(binding["members"]):
                    basic = Grant(project, binding["role"], member)
                    if binding["role"] == BASIC[kind] and not self.without(basic):
                        yield frozenset({grant, basic})
