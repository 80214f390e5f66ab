"""Service accounts, which have IAM policies of their own."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection, etag
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.policy_api import PolicyApi
from tests.local_cloud.regular.resource import Resource


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    return {
        "name": resource.name,
        "projectId": project.id,
        "email": resource.id,
        "oauth2ClientId": resource.number,
        "uniqueId": resource.number,
        "etag": etag(resource),
    }


SERVICE_ACCOUNTS = Kind(
    host="iam",
    version="v1",
    pattern="projects/{project}/serviceAccounts",
    id_body="accountId",
    wrapper="serviceAccount",
    computed=_computed,
    list_key="accounts",
)


class ServiceAccountApi(CollectionApi):
    """An account's id is its e-mail address."""

    def new_id(self, request: Request, body: Mapping[str, Any]) -> str:
        """Return the address that Google makes from the name that was asked for."""
        return f"{super().new_id(request, body)}@{self.common.project.id}.iam.gserviceaccount.com"

    def full_name(self, request: Request) -> str:
        """Return the full name of an account that exists; 404."""
        return self.kind.full_name(self.collection.get(self.name(request)).name)


def operations(common: Common) -> list[Operation]:
    """Return the calls about service accounts."""
    api = ServiceAccountApi(Collection(SERVICE_ACCOUNTS, common))
    policies = PolicyApi(common.policies, api.full_name)
    return [*policies.operations(SERVICE_ACCOUNTS.path + "/{id}"), *api.operations()]
