"""Workload identity federation: pools and their providers, whose ids stay taken when deleted."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.collection_api import CollectionApi
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.resource import Resource


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    return {"name": project.numbered(resource.name), "state": "ACTIVE"}


POOLS = Kind(
    host="iam",
    version="v1",
    pattern="projects/{project}/locations/global/workloadIdentityPools",
    id_query="workloadIdentityPoolId",
    computed=_computed,
    operation="google.iam.v1.WorkloadIdentityPool",
    tombstone={"state": "DELETED"},
)

PROVIDERS = Kind(
    host="iam",
    version="v1",
    pattern=POOLS.pattern + "/{pool}/providers",
    id_query="workloadIdentityPoolProviderId",
    computed=_computed,
    operation="google.iam.v1.WorkloadIdentityPoolProvider",
    tombstone={"state": "DELETED"},
)


async def _no_rules(request: Request) -> Response:
    return JSONResponse({})


def operations(common: Common) -> list[Operation]:
    """Return the calls about pools and providers."""
    pools = Collection(POOLS, common)
    providers = Collection(PROVIDERS, common, parent=pools)
    return [
        Operation("GET", POOLS.path + "/{id}:listAttestationRules", "attestationRules", _no_rules),
        *CollectionApi(providers).operations(),
        *CollectionApi(pools).operations(),
    ]
