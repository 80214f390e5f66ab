"""All of Compute's resources, and what follows from their referring to each other."""

from collections.abc import Mapping
from typing import Any

from tests.local_cloud.common import Common
from tests.local_cloud.compute.kinds import ADDRESSES, KINDS, RULES, ComputeKind
from tests.local_cloud.compute.links import link, links, name_of
from tests.local_cloud.compute.problems import InUse
from tests.local_cloud.errors import CloudError
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.resource import Resource


class Catalogue:
    """The collections by the noun of their paths."""

    def __init__(self, common: Common) -> None:
        """Start empty."""
        self.collections = {kind.noun: Collection(kind, common) for kind in KINDS}

    def of(self, kind: ComputeKind) -> Collection:
        """Return the resources of a kind."""
        return self.collections[kind.noun]

    def find(self, link: str) -> Resource:
        """Return the resource that a link leads to; 404."""
        name = name_of(link)
        collection = self.collections.get(name.rsplit("/", 2)[-2])
        found = [each for each in collection.resources() if each.name == name] if collection else []
        if not found:
            raise CloudError(404, f"The resource '{name}' was not found")
        return found[0]

    def check_links(self, fields: Mapping[str, Any]) -> None:
        """Refuse links that lead nowhere; 404."""
        for each in links(fields):
            self.find(each)

    def check_unused(self, resource: Resource, one: str) -> None:
        """Refuse to let go of what something else refers to; 400."""
        for user in self._users(resource):
            raise InUse(f"The {one} resource '{resource.name}' is already being used by '{user.name}'")

    def shown(self, kind: ComputeKind, resource: Resource) -> dict[str, Any]:
        """Return a resource as JSON, with what others make of it."""
        shown = self.of(kind).shown(resource)
        if kind is ADDRESSES and (users := self._users(resource)):
            shown.update(status="IN_USE", users=[link(user.name) for user in users])
        if kind is RULES and str(shown.get("IPAddress")).startswith(link("")):
            shown["IPAddress"] = self.shown(ADDRESSES, self.find(shown["IPAddress"]))["address"]
        return shown

    def _users(self, resource: Resource) -> list[Resource]:
        everything = [each for collection in self.collections.values() for each in collection.resources()]
        return [each for each in everything if link(resource.name) in links(each.fields)]
