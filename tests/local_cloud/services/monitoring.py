"""Monitoring: services and their objectives, alerts, dashboards, uptime checks, notification channels."""

from typing import Any

from tests.local_cloud.clock import timestamp
from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection, etag
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind, numbered
from tests.local_cloud.regular.resource import Resource

CALLER = "terraform@example.com"


def _service(resource: Resource, project: Project) -> dict[str, Any]:
    computed: dict[str, Any] = {"name": project.numbered(resource.name)}
    labels = resource.fields.get("basicService", {}).get("serviceLabels", {})
    if "service_name" in labels:
        place = f"projects/{project.number}/locations/{labels.get('location', '-')}"
        telemetry = f"//run.googleapis.com/{place}/services/{labels['service_name']}"
        computed["telemetry"] = {"resourceName": telemetry}
    return computed


def _alert(resource: Resource, project: Project) -> dict[str, Any]:
    conditions = [
        {**condition, "name": f"{resource.name}/conditions/{resource.number}{index}"}
        for index, condition in enumerate(resource.fields.get("conditions", []))
    ]
    return {
        "name": resource.name,
        "conditions": conditions,
        "creationRecord": {"mutateTime": timestamp(resource.created), "mutatedBy": CALLER},
        "mutationRecord": {"mutateTime": timestamp(resource.updated), "mutatedBy": CALLER},
    }


def _channel(resource: Resource, project: Project) -> dict[str, Any]:
    return {
        "name": resource.name,
        "creationRecord": {"mutateTime": timestamp(resource.created)},
        "mutationRecords": [{"mutateTime": timestamp(resource.updated)}],
    }


def _dashboard(resource: Resource, project: Project) -> dict[str, Any]:
    return {"name": project.numbered(resource.name), "etag": etag(resource)}


def _uptime(resource: Resource, project: Project) -> dict[str, Any]:
    return {"name": resource.name, "checkerType": "STATIC_IP_CHECKERS"}


SERVICES = Kind("monitoring", "v3", "projects/{project}/services", id_query="serviceId", computed=_service)
OBJECTIVES = Kind(
    host="monitoring",
    version="v3",
    pattern=SERVICES.pattern + "/{service}/serviceLevelObjectives",
    id_query="serviceLevelObjectiveId",
    computed=numbered,
)
KINDS = (
    Kind("monitoring", "v3", "projects/{project}/alertPolicies", computed=_alert),
    Kind("monitoring", "v3", "projects/{project}/notificationChannels", computed=_channel),
    Kind("monitoring", "v3", "projects/{project}/uptimeCheckConfigs", computed=_uptime),
    Kind("monitoring", "v1", "projects/{project}/dashboards", computed=_dashboard),
)


def operations(common: Common) -> list[Operation]:
    """Return the calls about all that watches the function."""
    services = Collection(SERVICES, common)
    collections = [
        Collection(OBJECTIVES, common, parent=services),
        services,
        *[Collection(kind, common) for kind in KINDS],
    ]
    return [row for collection in collections for row in CollectionApi(collection).operations()]
