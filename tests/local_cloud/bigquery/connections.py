"""Connections: what BigQuery calls functions as."""

from typing import Any

from starlette.requests import Request

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.policy_api import PolicyApi
from tests.local_cloud.regular.resource import Resource


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    # Google makes an account for each connection, which has no other name.
    account = f"bqcx-{project.number}-{int(resource.number) % 36**4:04x}@gcp-sa-bigquery-condel.iam.gserviceaccount.com"
    return {
        "name": project.numbered(resource.name),
        "cloudResource": {"serviceAccountId": account},
        "creationTime": str(resource.created // 1000),
        "lastModifiedTime": str(resource.updated // 1000),
    }


CONNECTIONS = Kind(
    host="bigqueryconnection",
    version="v1",
    pattern="projects/{project}/locations/{location}/connections",
    id_query="connectionId",
    computed=_computed,
)


class ConnectionApi(CollectionApi):
    """A connection has an IAM policy."""

    def full_name(self, request: Request) -> str:
        """Return the full name of a connection that exists; 404."""
        return self.kind.full_name(self.collection.get(self.name(request)).name)


def operations(common: Common, connections: Collection) -> list[Operation]:
    """Return the calls about connections."""
    api = ConnectionApi(connections)
    policies = PolicyApi(common.policies, api.full_name)
    return [*policies.operations(CONNECTIONS.path + "/{id}"), *api.operations()]
