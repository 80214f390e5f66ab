"""Custom roles of the project, which are kept for a while when deleted."""

from typing import Any

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection, etag
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.resource import Resource


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    return {"name": resource.name, "etag": etag(resource)}


ROLES = Kind(
    host="iam",
    version="v1",
    pattern="projects/{project}/roles",
    id_body="roleId",
    wrapper="role",
    computed=_computed,
    tombstone={"deleted": True},
)


def operations(common: Common) -> list[Operation]:
    """Return the calls about custom roles."""
    return CollectionApi(Collection(ROLES, common)).operations()
