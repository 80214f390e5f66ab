"""The surface of Compute."""

from tests.local_cloud.common import Common
from tests.local_cloud.compute.catalogue import Catalogue
from tests.local_cloud.compute.kinds import KINDS, POLICIES
from tests.local_cloud.compute.operations_api import Operations
from tests.local_cloud.compute.policy_rules_api import PolicyRulesApi
from tests.local_cloud.compute.resource_api import ResourceApi
from tests.local_cloud.dispatch import Operation


def operations(common: Common, catalogue: Catalogue) -> list[Operation]:
    """Return all calls that Compute answers, the particular before the general."""
    done = Operations(common)
    apis = {kind.noun: ResourceApi(kind, catalogue, done) for kind in KINDS}
    return [
        *PolicyRulesApi(apis[POLICIES.noun]).operations(),
        *[row for api in apis.values() for row in api.operations()],
        *done.operations(),
    ]
