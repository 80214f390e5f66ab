"""Datasets, in which there is nothing but routines here."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.local_cloud.bigquery.resource_api import BigQueryApi
from tests.local_cloud.errors import CloudError
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection, etag
from tests.local_cloud.regular.collection_api import params
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.resource import Resource

OWNERS = [
    {"role": "WRITER", "specialGroup": "projectWriters"},
    {"role": "OWNER", "specialGroup": "projectOwners"},
    {"role": "OWNER", "userByEmail": "terraform@example.com"},
    {"role": "READER", "specialGroup": "projectReaders"},
]


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    return {
        "location": resource.fields.get("location", "US"),
        "maxTimeTravelHours": resource.fields.get("maxTimeTravelHours", "168"),
        "access": resource.fields.get("access") or OWNERS,
        "type": "DEFAULT",
        "kind": "bigquery#dataset",
        "id": f"{project.id}:{resource.id}",
        "selfLink": f"https://bigquery.googleapis.com/bigquery/v2/{resource.name}",
        "etag": etag(resource),
        "creationTime": str(resource.created // 1000),
        "lastModifiedTime": str(resource.updated // 1000),
    }


DATASETS = Kind(
    host="bigquery", version="bigquery/v2", pattern="projects/{project}/datasets", computed=_computed, update="PUT"
)


class DatasetApi(BigQueryApi):
    """A dataset goes only when it is empty, or with what is in it when that is said."""

    reference = "dataset"

    def __init__(self, datasets: Collection, routines: Collection) -> None:
        """Serve datasets, which hold `routines`."""
        super().__init__(datasets)
        self._routines = routines

    def checked(self, place: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """Take all; a dataset refers to nothing."""

    async def delete(self, request: Request) -> Response:
        """Delete a dataset: 204, or 400 when it is in use."""
        place = {**params(request), "dataset": params(request)["id"]}
        if self._routines.all(place) and request.query_params.get("deleteContents") != "true":
            name = f"{self.common.project.id}:{place['id']}"
            raise CloudError(400, f"Dataset {name} is still in use")
        return await super().delete(request)
