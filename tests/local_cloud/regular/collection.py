"""All resources of one kind."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.local_cloud.errors import CodedError
from tests.local_cloud.regular.masks import apply_mask
from tests.local_cloud.regular.resource import Resource

if TYPE_CHECKING:
    from tests.local_cloud.common import Common
    from tests.local_cloud.regular.kind import Kind


class Collection:
    """Resources by name; `parent` is the collection whose resources they belong to, if any."""

    def __init__(self, kind: Kind, common: Common, parent: Collection | None = None) -> None:
        """Start empty."""
        self.kind = kind
        self.common = common
        self._parent = parent
        self._children: list[Collection] = []
        self._resources: dict[str, Resource] = {}
        common.collections.append(self)
        if parent:
            parent._children.append(self)  # noqa: SLF001 (another one of this class)

    def existing(self) -> list[str]:
        """Return the full names of the resources that are not deleted."""
        return [self.kind.full_name(each.name) for each in self.resources()]

    def resources(self) -> list[Resource]:
        """Return all resources, wherever they are, that are not deleted."""
        return [each for each in self._resources.values() if not each.deleted]

    def all(self, params: Mapping[str, str], *, deleted: bool = False) -> list[Resource]:
        """Return the resources under the same parent."""
        start = self._place(params) + "/"
        found = [self._resources[name] for name in sorted(self._resources) if name.startswith(start)]
        return [each for each in found if deleted or not each.deleted]

    def name(self, params: Mapping[str, str], id: str) -> str:
        """Return the name of a resource, with the project's id; 403 for another project."""
        return f"{self._place(params)}/{id}"

    def vacant(self, params: Mapping[str, str], id: str) -> str:
        """Return the name of a resource that can be made; 404 without its parent, 409 when it is taken."""
        name = self.name(params, id)
        if self._parent:
            self._parent.get(name.rsplit("/", 2)[0])
        if name in self._resources:
            raise CodedError(409, f"Resource '{name}' already exists")
        return name

    def insert(
        self,
        params: Mapping[str, str],
        id: str | None,
        fields: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> Resource:
        """Make a resource, whose id is a number when there is none; 404 or 409."""
        number = self.common.number()
        name = self.vacant(params, id or number)
        now = self.common.clock.tick()
        fields = deepcopy(dict(fields))
        made = Resource(name, id or number, dict(params), fields, number, now, now, dict(facts or {}))
        self._resources[name] = made
        return made

    def get(self, name: str, *, deleted: bool = False) -> Resource:
        """Return a resource, a deleted one only when asked for; 404."""
        found = self._resources.get(name)
        if found is None or (found.deleted and not deleted):
            raise CodedError(404, f"Resource '{name}' was not found")
        return found

    def change(self, name: str, body: Mapping[str, Any], mask: str | None) -> Resource:
        """Change the fields that the mask names; 404, or 409 when the body has another etag."""
        found = self.get(name)
        if body.get("etag", "") not in ("", etag(found)):
            raise CodedError(409, f"Resource '{name}' has changed: the etag is not its own")
        found.fields = apply_mask(found.fields, body, mask)
        self.touch(found)
        return found

    def touch(self, resource: Resource) -> None:
        """Note that a resource has changed."""
        resource.updated = self.common.clock.tick()
        resource.version += 1

    def delete(self, name: str) -> Resource:
        """Delete a resource, all that belongs to it and their policies; 404."""
        found = self.get(name)
        if self.kind.tombstone is None:
            del self._resources[name]
        found.deleted = True
        self.common.policies.forget(self.kind.full_name(name))
        for collection in self._children:
            collection.delete_below(name)
        return found

    def delete_below(self, parent: str) -> None:
        """Delete the resources that belong to a parent."""
        for name in [name for name, each in self._resources.items() if not each.deleted]:
            if name.startswith(f"{parent}/"):
                self.delete(name)

    def undelete(self, name: str) -> Resource:
        """Take back that a resource was deleted; 404."""
        found = self.get(name, deleted=True)
        found.deleted = False
        return found

    def shown(self, resource: Resource) -> dict[str, Any]:
        """Return a resource as JSON: what was sent, and what Google adds."""
        computed = self.kind.computed(resource, self.common.project)
        stone = self.kind.tombstone if resource.deleted else None
        return {**resource.fields, **computed, **(stone or {})}

    def _place(self, params: Mapping[str, str]) -> str:
        project = self.common.project.check(params["project"])
        return self.kind.pattern.format(**{**params, "project": project})


def etag(resource: Resource) -> str:
    """Return the entity tag: another one after each change."""
    return base64.b64encode(f"{resource.number}/{resource.version}".encode()).decode()
