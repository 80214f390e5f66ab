"""From an address and a port to what answers there: rule, proxy, routes, service, groups."""

from tests.local_cloud.compute.catalogue import Catalogue
from tests.local_cloud.compute.kinds import RULES
from tests.local_cloud.regular.resource import Resource


def routes_at(catalogue: Catalogue, address: str, port: int) -> Resource | None:
    """Return the routes (a URL map) of the rule for an address and a port, if there is one."""
    for rule in catalogue.of(RULES).resources():
        shown = catalogue.shown(RULES, rule)
        if (shown["IPAddress"], shown["portRange"]) == (address, f"{port}-{port}"):
            proxy = catalogue.find(rule.fields["target"])
            return catalogue.find(proxy.fields["urlMap"])
    return None


def function_of(group: Resource) -> str:
    """Return the name of the function that a serverless group leads to."""
    project, service = group.name.split("/")[1], group.fields["cloudRun"]["service"]
    return f"projects/{project}/locations/{group.params['region']}/functions/{service}"
