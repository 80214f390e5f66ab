"""Routines: remote functions, which have to lead to a function here by a connection here."""

from collections.abc import Mapping
from typing import Any

from tests.local_cloud.bigquery.locations import within
from tests.local_cloud.bigquery.resource_api import BigQueryApi
from tests.local_cloud.errors import CloudError
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection, etag
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.resource import Resource

ARGUMENT_TYPES = {"BOOL", "BYTES", "DATE", "DATETIME", "FLOAT64", "INT64", "JSON", "NUMERIC", "STRING", "TIMESTAMP"}


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    return {
        "etag": etag(resource),
        "creationTime": str(resource.created // 1000),
        "lastModifiedTime": str(resource.updated // 1000),
    }


ROUTINES = Kind(
    host="bigquery",
    version="bigquery/v2",
    pattern="projects/{project}/datasets/{dataset}/routines",
    computed=_computed,
    update="PUT",
)


class RoutineApi(BigQueryApi):
    """What a routine refers to has to exist, and to be near enough."""

    reference = "routine"

    def __init__(
        self, routines: Collection, datasets: Collection, connections: Collection, functions: Collection
    ) -> None:
        """Serve `routines`."""
        super().__init__(routines)
        self._datasets = datasets
        self._connections = connections
        self._functions = functions

    def checked(self, place: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """Refuse a routine that could not be called; 400 or 404."""
        dataset = self._datasets.get(self._datasets.name(place, place["dataset"]))
        options = body.get("remoteFunctionOptions")
        if body.get("routineType") != "SCALAR_FUNCTION" or not options:
            raise CloudError(400, "This cloud has remote functions alone.")
        location = str(dataset.fields.get("location", "US"))
        self._check_connection(str(options.get("connection")), location)
        self._check_endpoint(str(options.get("endpoint")), location)
        _check_types(body)

    def _check_connection(self, name: str, location: str) -> None:
        parts = dict(zip(name.split("/")[::2], name.split("/")[1::2], strict=False))
        if set(parts) != {"projects", "locations", "connections"}:
            raise CloudError(400, f"Invalid connection: {name}")
        params = {"project": parts["projects"], "location": parts["locations"]}
        self._connections.get(self._connections.name(params, parts["connections"]))
        if parts["locations"].lower() != location.lower():
            raise CloudError(400, f"The connection is in {parts['locations']}, and the dataset in {location}.")

    def _check_endpoint(self, endpoint: str, location: str) -> None:
        for function in self._functions.resources():
            if endpoint == function.facts["uri"] or endpoint.startswith(f"{function.facts['uri']}/"):
                if not within(function.params["location"], location):
                    raise CloudError(400, f"{function.name} is not in {location}, where the dataset is.")
                return
        raise CloudError(400, f"Invalid endpoint: {endpoint} is not that of a function.")


def _check_types(body: Mapping[str, Any]) -> None:
    for argument in body.get("arguments", []):
        type = argument.get("dataType", {}).get("typeKind")
        if type not in ARGUMENT_TYPES:
            raise CloudError(400, f"A remote function takes no argument of type {type}.")
    if not body.get("returnType"):
        raise CloudError(400, "A remote function needs a return type.")
