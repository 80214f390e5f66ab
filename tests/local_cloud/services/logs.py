"""Logging: metrics made from log entries, whose names may have slashes."""

from typing import Any

from tests.local_cloud.clock import timestamp
from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.resource import Resource


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    type = f"logging.googleapis.com/user/{resource.id}"
    descriptor = {
        **resource.fields.get("metricDescriptor", {}),
        "name": f"projects/{project.id}/metricDescriptors/{type}",
        "type": type,
    }
    if description := resource.fields.get("description"):
        descriptor["description"] = description
    return {
        "name": resource.id,
        "resourceName": resource.name,
        "metricDescriptor": descriptor,
        "createTime": timestamp(resource.created),
        "updateTime": timestamp(resource.updated),
    }


METRICS = Kind(
    host="logging",
    version="v2",
    pattern="projects/{project}/metrics",
    id_body="name",
    computed=_computed,
    update="PUT",
)


def operations(common: Common) -> list[Operation]:
    """Return the calls about metrics."""
    return CollectionApi(Collection(METRICS, common)).operations()
