"""Artifact Registry: repositories, in which nothing is stored here."""

from typing import Any

from starlette.requests import Request

from tests.local_cloud.clock import timestamp
from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.policy_api import PolicyApi
from tests.local_cloud.regular.resource import Resource


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    return {
        "name": resource.name,
        "createTime": timestamp(resource.created),
        "updateTime": timestamp(resource.updated),
        "satisfiesPzi": True,
        "registryUri": f"{resource.params['location']}-docker.pkg.dev/{project.id}/{resource.id}",
        "vulnerabilityScanningConfig": {
            **resource.fields.get("vulnerabilityScanningConfig", {}),
            "lastEnableTime": timestamp(resource.created),
            "enablementState": "SCANNING_DISABLED",
            "enablementStateReason": "API containerscanning.googleapis.com is not enabled.",
        },
    }


REPOSITORIES = Kind(
    host="artifactregistry",
    version="v1",
    pattern="projects/{project}/locations/{location}/repositories",
    id_query="repository_id",
    computed=_computed,
    operation="google.devtools.artifactregistry.v1.Repository",
    patched_at_once=True,
)


class RepositoryApi(CollectionApi):
    """A repository has an IAM policy."""

    def full_name(self, request: Request) -> str:
        """Return the full name of a repository that exists; 404."""
        return self.kind.full_name(self.collection.get(self.name(request)).name)


def operations(common: Common) -> list[Operation]:
    """Return the calls about repositories."""
    api = RepositoryApi(Collection(REPOSITORIES, common))
    policies = PolicyApi(common.policies, api.full_name)
    return [*policies.operations(REPOSITORIES.path + "/{id}"), *api.operations()]
