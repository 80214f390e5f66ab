"""A kind of resource, as a row of plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.local_cloud.errors import CodedError
from tests.local_cloud.project import Project
from tests.local_cloud.regular.resource import Resource

Computed = Callable[[Resource, Project], dict[str, Any]]


def _named(resource: Resource, project: Project) -> dict[str, Any]:
    return {"name": resource.name}


def numbered(resource: Resource, project: Project) -> dict[str, Any]:
    """Compute the name alone, with the project's number in it."""
    return {"name": project.numbered(resource.name)}


@dataclass(frozen=True)
class Kind:
    """What distinguishes one collection from another.

    `host` and `version` lead to the API, `pattern` to the collection within it. `id_query` or
    `id_body` is where its maker says a resource's id, neither when Google makes up a number.
    `wrapper` is the key that holds the resource in a body. `computed` are the fields that Google
    adds. `operation` is the type of message in which a long-running operation ends, empty where
    nothing is long-running; `patched_at_once` tells that changes are not. `tombstone` is what a
    deleted resource shows where it is kept, None where it is gone.
    """

    host: str
    version: str
    pattern: str
    id_query: str = ""
    id_body: str = ""
    wrapper: str = ""
    computed: Computed = _named
    operation: str = ""
    patched_at_once: bool = False
    update: Literal["PATCH", "PUT"] = "PATCH"
    list_key: str = ""
    tombstone: Mapping[str, Any] | None = None

    @property
    def noun(self) -> str:
        """The last word of the path, by which the journal calls it too."""
        return self.pattern.rsplit("/", 1)[-1]

    @property
    def path(self) -> str:
        """The path of the collection on this server."""
        return f"/{self.host}/{self.version}/{self.pattern}"

    def new_id(self, query: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
        """Return the id that the maker of a resource chose, None when that is Google's part; 400."""
        where, key = (query, self.id_query) if self.id_query else (body, self.id_body)
        if not key:
            return None
        if not where.get(key):
            raise CodedError(400, f"Missing {key}")
        return str(where[key])

    def unwrap(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the resource in a body."""
        inner = body.get(self.wrapper, body)
        return inner if isinstance(inner, Mapping) else body

    def full_name(self, name: str) -> str:
        """Return a resource's name among those of all services, by which its policy is kept."""
        return f"//{self.host}.googleapis.com/{name}"
