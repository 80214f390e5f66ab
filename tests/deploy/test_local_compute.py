"""Compute in the local cloud: what refers to what, and what Google would refuse."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.local_cloud import LocalCloud
from tests.local_cloud.balancing.outliers import Outliers

PROJECT = "/compute/compute/v1/projects/rehearsal"
ALL = {"versionedExpr": "SRC_IPS_V1", "config": {"srcIpRanges": ["*"]}}
ALLOW: dict[str, Any] = {"priority": 2147483647, "action": "allow", "match": ALL}
GROUP = {"name": "g", "networkEndpointType": "SERVERLESS", "cloudRun": {"service": "f"}}
GROUPS = "regions/europe-west1/networkEndpointGroups"


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One for all tests, which use names of their own."""
    with LocalCloud() as cloud:
        yield cloud


@pytest.fixture
def api(cloud: LocalCloud) -> Iterator[httpx.Client]:
    """Who calls Compute."""
    with httpx.Client(base_url=f"{cloud.url}{PROJECT}", trust_env=False) as client:
        yield client


def make(api: httpx.Client, collection: str, **fields: Any) -> str:
    """Make a resource; return its name as others refer to it."""
    api.post(f"/{collection}", json=fields).raise_for_status()
    return f"projects/rehearsal/{collection}/{fields['name']}"


def reason(answer: httpx.Response) -> tuple[int, str]:
    """Return why a call was refused."""
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


def test_what_is_in_use_stays(api: httpx.Client) -> None:
    """Each resource goes after those that refer to it, whose names the refusal gives."""
    group = make(api, GROUPS, **{**GROUP, "name": "used"})
    service = make(api, "global/backendServices", name="used", backends=[{"group": group}])
    routes = make(api, "global/urlMaps", name="used", defaultService=service)
    proxy = make(api, "global/targetHttpProxies", name="used", urlMap=routes)
    address = make(api, "global/addresses", name="used")
    rule = make(api, "global/forwardingRules", name="used", target=proxy, IPAddress=address, portRange="80")
    for name, user in ((group, service), (service, routes), (routes, proxy), (proxy, rule), (address, rule)):
        refused = api.delete(f"/{name.removeprefix('projects/rehearsal/')}")
        assert reason(refused) == (400, "resourceInUseByAnotherResource")
        assert f"already being used by '{user}'" in refused.json()["error"]["message"]
    shown = api.get("/global/addresses/used").json()
    assert (shown["status"], len(shown["users"])) == ("IN_USE", 1)
    assert api.get("/global/forwardingRules/used").json()["IPAddress"] == shown["address"]
    for name in (rule, address, proxy, routes, service, group):
        assert api.delete(f"/{name.removeprefix('projects/rehearsal/')}").json()["status"] == "DONE"


def test_an_operation_can_be_asked_for(api: httpx.Client) -> None:
    """By its name, where its resource is."""
    for collection, place in (("global/addresses", "global"), (GROUPS, "regions/europe-west1")):
        done = api.post(f"/{collection}", json={**GROUP, "name": "asked"}).json()
        assert api.get(f"/{place}/operations/{done['name']}").json() == done
        assert api.post(f"/{place}/operations/{done['name']}/wait").json() == done
        assert reason(api.get(f"/{place}/operations/operation-1")) == (404, "notFound")


@pytest.mark.parametrize(
    ("collection", "fields", "status", "words"),
    [
        (
            "global/urlMaps",
            {"defaultService": "projects/rehearsal/global/backendServices/no"},
            404,
            "backendServices/no",
        ),
        (
            "global/targetHttpProxies",
            {"urlMap": "global/urlMaps/x/projects/rehearsal/global/nothing/x"},
            404,
            "nothing/x",
        ),
        ("global/backendServices", {"timeoutSec": 60}, 400, "Timeout sec is not supported"),
        ("global/backendServices", {"portName": "https"}, 400, "Port name is not supported"),
        ("global/backendServices", {"healthChecks": ["x"]}, 400, "Health check is not supported"),
        ("global/backendServices", {"backends": [{"maxUtilization": 0.8}]}, 400, "Max utilization is not supported"),
        ("global/securityPolicies", {"rules": []}, 400, "needs a default rule"),
        ("global/securityPolicies", {"rules": [ALLOW, ALLOW]}, 400, "the same priorities"),
        (
            "global/securityPolicies",
            {"rules": [ALLOW, {"priority": 1, "action": "throttle", "rateLimitOptions": {}}]},
            400,
            "expected one of [10, 30, 60",
        ),
        (GROUPS, {"networkEndpointType": "GCE_VM_IP_PORT"}, 400, "serverless"),
    ],
)
def test_what_google_refuses_is_refused(
    api: httpx.Client, collection: str, fields: dict[str, Any], status: int, words: str
) -> None:
    """And leaves nothing behind."""
    refused = api.post(f"/{collection}", json={"name": "refused", **fields})
    assert refused.status_code == status
    assert words in refused.json()["error"]["message"]
    assert api.get(f"/{collection}/refused").status_code == 404


def test_a_fingerprint_has_to_be_the_last_one(api: httpx.Client) -> None:
    """A write fails if somebody else wrote since the read."""
    make(api, "global/urlMaps", name="raced")
    read = api.get("/global/urlMaps/raced").json()["fingerprint"]
    change = {"name": "raced", "fingerprint": read, "description": "mine"}
    assert api.put("/global/urlMaps/raced", json=change).status_code == 200
    assert reason(api.put("/global/urlMaps/raced", json=change)) == (412, "conditionNotMet")
    assert api.get("/global/urlMaps/raced").json()["description"] == "mine"


def test_rules_come_and_go_by_priority(api: httpx.Client) -> None:
    """One is added, changed in what the mask names, and removed; the default rule can't be."""
    make(api, "global/securityPolicies", name="rules", rules=[ALLOW])
    path = "/global/securityPolicies/rules"
    rule = {"priority": 5, "action": "deny(403)", "description": "some", "match": ALL}
    assert api.post(f"{path}/addRule", json=rule).status_code == 200
    assert api.post(f"{path}/addRule", json=rule).status_code == 400
    change = {"action": "allow", "description": "other"}
    api.post(f"{path}/patchRule", params={"priority": 5, "updateMask": "action"}, json=change).raise_for_status()
    shown = api.get(f"{path}/getRule", params={"priority": 5}).json()
    assert (shown["action"], shown["description"]) == ("allow", "some")
    api.post(f"{path}/removeRule", params={"priority": 5}).raise_for_status()
    assert api.get(f"{path}/getRule", params={"priority": 5}).status_code == 404
    assert api.post(f"{path}/removeRule", params={"priority": 2147483647}).status_code == 400


def test_nothing_answers_at_an_address_without_a_rule(cloud: LocalCloud) -> None:
    """Neither where there is an address alone."""
    assert httpx.get(cloud.load_balancers.url("203.0.113.1", 443), trust_env=False).status_code == 502


def test_a_region_comes_back_and_is_ejected_for_longer() -> None:
    """After five failures in a row; a success in between starts anew, and no more than half of the regions go."""
    now = [0.0]
    outliers = Outliers(lambda: now[0])
    groups = ["near", "far"]
    detection = {"consecutiveErrors": 5, "maxEjectionPercent": 50, "baseEjectionTime": {"seconds": 30}}

    def ask(*statuses: int) -> str:
        for status in statuses:
            outliers.note(outliers.chosen(groups), groups, detection, failed=status >= 500)
        return outliers.chosen(groups)

    failures = [503] * 5
    assert ask(*failures[:4], 200, *failures[:4]) == "near"
    assert ask(503) == "far"
    assert ask(*failures) == "far"
    now[0] = 30
    assert ask() == "near"
    assert ask(*failures) == "far"
    now[0] = 89
    assert ask() == "far"
    now[0] = 90
    assert ask() == "near"
