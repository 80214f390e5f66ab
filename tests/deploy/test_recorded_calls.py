"""What the real google provider sends, played to the local cloud."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from tests.deploy.recorded.calls import RECORDED, creating
from tests.deploy.recorded.named_player import NamedPlayer
from tests.deploy.recorded.player import Player
from tests.local_cloud import LocalCloud
from tests.local_cloud.discovery.comparison import Interaction, differences

CONNECT = "provider (userinfo at configure; only logged when it fails)"
# What the local cloud does not speak yet: billing.
LATER = ("data.google_project", "google_billing_budget")
NAMED = [type for type in RECORDED if type.startswith(("google_bigquery_", "google_compute_"))]
# What has to be there before the resources of a type.
PARENTS = {
    "google_artifact_registry_repository_iam_member": "google_artifact_registry_repository",
    "google_cloud_run_v2_service_iam_member": "google_cloudfunctions2_function",
    "google_iam_workload_identity_pool_provider": "google_iam_workload_identity_pool",
    "google_monitoring_slo": "google_monitoring_service and google_monitoring_custom_service",
    "google_service_account_iam_member": "google_service_account",
    "google_storage_bucket_iam_member": "google_storage_bucket",
    "google_storage_bucket_object": "google_storage_bucket",
}
# What stands for the parameters of a path; everything else is some name.
NAMES = {"account": "someone@rehearsal.iam.gserviceaccount.com"}
PLAYED = [type for type in RECORDED if type not in {*LATER, *NAMED, CONNECT}]


@pytest.fixture
def player() -> Iterator[Player]:
    """A player with a cloud of its own; the calls and their answers must be as Google documents them."""
    with LocalCloud(documented=True) as cloud:
        player = Player(cloud)
        yield player
        player.api.close()
        assert [*map(str, cloud.differences)] == []


@pytest.mark.parametrize("type", PLAYED)
def test_the_recorded_calls_are_answered_as_they_were(player: Player, type: str) -> None:
    """All that the provider sends about a type, deletes last."""
    for call in RECORDED.get(PARENTS.get(type, ""), []):
        if creating(call):
            player.play(call)
    for call in sorted(RECORDED[type], key=lambda call: bool(call["method"] == "DELETE")):
        player.play(call)


@pytest.mark.parametrize("type", NAMED)
def test_recorded_calls_about_what_refers_to_others(player: Player, type: str) -> None:
    """The same of Compute and BigQuery, where all that the calls refer to is made before."""
    named = NamedPlayer(player)
    for call in sorted(RECORDED[type], key=lambda call: bool(call["method"] == "DELETE")):
        named.play(call)


@pytest.mark.parametrize("type", [type for type in RECORDED if type != CONNECT])
def test_the_recorded_calls_are_documented(type: str) -> None:
    """By Google: methods, parameters and fields exist, and values have their types and formats."""
    found = [
        str(difference)
        for call in RECORDED[type]
        for difference in differences(
            Interaction(
                call["method"],
                re.sub(r"\{(\w+)\}", lambda name: NAMES.get(name[1], "some-name"), call["path"]),
                list(call["query"].items()),
                call["request"],
                call["status"],
                call["response"],
            )
        )
    ]
    assert found == []


def test_what_has_no_endpoint_is_refused_and_noted() -> None:
    """The way to Google is closed: CONNECT is answered with 403, and the address is in the journal."""
    (call,) = RECORDED[CONNECT]
    with LocalCloud() as cloud:
        connection = HTTPConnection(urlsplit(cloud.url).netloc, timeout=10)
        connection.request(call["method"], call["path"])
        assert connection.getresponse().status == call["status"]
        connection.close()
        assert [noted.url for noted in cloud.calls if noted.kind == "connect"] == [call["path"]]


def test_every_type_is_played_or_has_a_reason_not_to_be() -> None:
    """The lists have only types that were recorded."""
    assert set(LATER) <= set(RECORDED)
    assert set(PARENTS) <= set(PLAYED)


@pytest.mark.parametrize("type", LATER)
def test_a_later_type_is_refused_by_name(type: str) -> None:
    """A call that the local cloud does not speak is a 501 that says which."""
    path = "/" + RECORDED[type][0]["path"].split("/")[1] + "/anything"
    with LocalCloud() as cloud:
        answer = httpx.post(f"{cloud.url}{path}", trust_env=False)
    assert answer.status_code == 501
    assert f"POST {path}" in answer.json()["error"]["message"]
