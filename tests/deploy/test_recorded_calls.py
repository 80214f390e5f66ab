"""What the real google provider sends, played to the local cloud.

`rehearsal-calls.json` has, for each resource type, calls that the provider made and the answers
that it was content with. The local cloud must answer with the same status, with all the keys, and
with the fields that were sent; names, numbers, times and etags are its own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.deploy.test_deployed_function import source_zip
from tests.local_cloud import LocalCloud
from tests.local_cloud.regular.masks import camel_case

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("rehearsal-calls.json").read_text("utf-8")
)["types"]
CONNECT = "provider (userinfo at configure; only logged when it fails)"

# What the local cloud does not speak yet.
LATER = {
    "data.google_project": "billing",
    "google_bigquery_connection": "BigQuery",
    "google_bigquery_dataset": "BigQuery",
    "google_bigquery_routine": "BigQuery",
    "google_billing_budget": "billing",
    "google_compute_backend_service": "Compute",
    "google_compute_global_address": "Compute",
    "google_compute_global_forwarding_rule": "Compute",
    "google_compute_managed_ssl_certificate": "Compute",
    "google_compute_region_network_endpoint_group": "Compute",
    "google_compute_security_policy": "Compute",
    "google_compute_ssl_policy": "Compute",
    "google_compute_target_http_proxy": "Compute",
    "google_compute_target_https_proxy": "Compute",
    "google_compute_url_map": "Compute",
}
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
PLAYED = [type for type in RECORDED if type not in {*LATER, CONNECT}]
PATH_PARAMETERS = {"{project}": "rehearsal", "{location}": "europe-west1"}
WRAPPERS = ("policy", "role", "serviceAccount")
# Sent back by the provider, but the server's to choose.
COMPUTED = {".serviceConfig.service", ".serviceConfig.uri"}
SOURCE = {"bucket": "sources", "object": "source.zip"}


@dataclass
class Made:
    """A resource that the player made: where it is, what it is now, and what it was in the recording."""

    path: str
    now: Mapping[str, Any]
    recorded: Mapping[str, Any]


class Player:
    """Plays calls, with the ids and etags of what it made itself."""

    def __init__(self, cloud: LocalCloud) -> None:
        """Upload a source for functions."""
        self.api = httpx.Client(base_url=cloud.url, timeout=300, trust_env=False)
        self.made: list[Made] = []
        self._etag = ""
        self._operation = ""
        self.api.post("/storage/v1/b", json={"name": SOURCE["bucket"]}).raise_for_status()
        path = f"/upload/storage/v1/b/{SOURCE['bucket']}/o"
        self.api.post(path, params={"uploadType": "media", "name": SOURCE["object"]}, content=source_zip())

    def play(self, call: Mapping[str, Any]) -> None:
        """Make a call and compare its answer with the recorded one."""
        creates = creating(call)
        target = None if creates else self._target(call)
        path = self._path(call, target)
        query = {**call["query"], "alt": "json"}
        sent = self._sent(call, target)
        if creates and any(each.path.startswith(f"{path}/{given_id(query)}") for each in self.made):
            query = {key: f"{value}-again" if key.endswith("Id") else value for key, value in query.items()}
        if path.startswith("/upload/"):
            answer = self._upload(path, query, sent or {})
        else:
            answer = self.api.request(call["method"], path, params=query, json=sent)
        compare(call, sent, answer)
        if call["response"] is not None:
            self._learn(call, path, target, outcome(answer.json()))
            self._operation = answer.json().get("name", "") if "metadata" in answer.json() else ""

    def _target(self, call: Mapping[str, Any]) -> Made | None:
        """Return the resource of our own that is most like the one that was recorded."""
        recorded = leaves(outcome(call["response"]))
        return max(reversed(self.made), key=lambda made: len(recorded & leaves(made.recorded)), default=None)

    def _path(self, call: Mapping[str, Any], target: Made | None) -> str:
        path: str = call["path"]
        if "{operation}" in path:
            return f"/cloudfunctions/v2/{self._operation}"
        for parameter, value in PATH_PARAMETERS.items():
            path = path.replace(parameter, value)
        if "{" not in path:
            return path
        if call["status"] == 404:
            return path[: path.index("{")] + "nobody"
        owner = target or self._parent(call)
        start = "/upload" if path.startswith("/upload") else ""
        place = owner.path
        if path.startswith("/run/"):
            place = place.replace("/cloudfunctions/", "/run/").replace("/functions/", "/services/")
        return start + place + path.rpartition("}")[2]

    def _parent(self, call: Mapping[str, Any]) -> Made:
        text = json.dumps(call["response"])
        return max(self.made, key=lambda made: len(made.recorded["name"]) * (made.recorded["name"] in text))

    def _sent(self, call: Mapping[str, Any], target: Made | None) -> dict[str, Any] | None:
        if call["request"] is None:
            return None
        sent: dict[str, Any] = json.loads(json.dumps(call["request"]))
        body = unwrapped(sent)
        if "etag" in body:
            policy = "bindings" in body
            body["etag"] = self._etag if policy or target is None else target.now["etag"]
        if "buildConfig" in body:
            body["buildConfig"]["source"]["storageSource"] = dict(SOURCE)
        if "buildConfig" in body and target:
            own = target.now["serviceConfig"]
            body["serviceConfig"].update({"service": own["service"], "uri": own["uri"]})
        return sent

    def _upload(self, path: str, query: Mapping[str, str], resource: Mapping[str, Any]) -> httpx.Response:
        parts = [
            b"Content-Type: application/json\r\n\r\n" + json.dumps(resource).encode(),
            b"Content-Type: application/zip\r\n\r\n" + source_zip(),
        ]
        body = b"".join(b"--part\r\n" + part + b"\r\n" for part in parts) + b"--part--\r\n"
        headers = {"Content-Type": "multipart/related; boundary=part"}
        return self.api.post(path, params=query, content=body, headers=headers)

    def _learn(self, call: Mapping[str, Any], path: str, target: Made | None, now: dict[str, Any]) -> None:
        self._etag = now.get("etag", "")
        if creating(call):
            name = now["name"]
            id = name.rsplit("/", 1)[-1] if name.startswith("projects/") else quote(name, safe="")
            self.made.append(Made(f"{path.removeprefix('/upload')}/{id}", now, outcome(call["response"])))
        elif call["method"] in {"PATCH", "PUT"} and target:
            target.now = now


def creating(call: Mapping[str, Any]) -> bool:
    """Tell whether a call makes a resource."""
    return bool(call["method"] == "POST" and ":" not in call["path"])


def given_id(query: Mapping[str, str]) -> str:
    """Return the id that a maker asks for."""
    return next((value for key, value in query.items() if key.endswith("Id")), "no id")


def outcome(response: Any) -> dict[str, Any]:
    """Return the resource in an answer, which may be that of a long-running operation."""
    if not isinstance(response, dict):
        return {}
    inner = response.get("response", response)
    return dict(inner) if isinstance(inner, Mapping) else {}


def unwrapped(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the resource in a body."""
    return next((sent[key] for key in WRAPPERS if isinstance(sent.get(key), dict)), sent)


def keys(value: Any, place: str = "") -> set[str]:
    """Return the places of all keys in JSON, whatever their position in a list."""
    if isinstance(value, Mapping):
        return {f"{place}.{key}" for key in value}.union(*(keys(each, f"{place}.{key}") for key, each in value.items()))
    return set().union(*(keys(each, f"{place}[]") for each in value)) if isinstance(value, list) else set()


def leaves(value: Any, place: str = "") -> set[tuple[str, str]]:
    """Return the places and values of all that is no object or list with something in it."""
    if isinstance(value, Mapping) and value:
        return set().union(*(leaves(each, f"{place}.{key}") for key, each in value.items()))
    if isinstance(value, list) and value:
        return set().union(*(leaves(each, f"{place}[{index}]") for index, each in enumerate(value)))
    return {(place, json.dumps(value))}


def compare(call: Mapping[str, Any], sent: dict[str, Any] | None, answer: httpx.Response) -> None:
    """Fail unless an answer has the status, the keys and the echo of the recorded one."""
    label = f"{call['method']} {answer.request.url}: {answer.text}"
    assert answer.status_code == call["status"], label
    if call["response"] is None:
        return
    assert "error" not in answer.json() or call["status"] >= 400, label
    assert keys(call["response"]) - keys(answer.json()) == set(), label
    if sent and call["request"]:
        recorded, now = leaves(outcome(call["response"])), leaves(outcome(answer.json()))
        echoed = {leaf for leaf in leaves(unwrapped(dict(call["request"]))) & recorded if echoes(call, leaf[0])}
        assert echoed - now == set(), label


def echoes(call: Mapping[str, Any], place: str) -> bool:
    """Tell whether an answer has what was sent in a place: the update mask decides, where there is one."""
    mask = call["query"].get("updateMask") or (call["request"] or {}).get("updateMask", "")
    wanted = ["." + ".".join(camel_case(step) for step in path.split(".")) for path in mask.split(",")]
    in_mask = call["method"] != "PATCH" or not mask or any(place.startswith(path) for path in wanted)
    return in_mask and place not in COMPUTED


@pytest.fixture
def player() -> Iterator[Player]:
    """A player with a cloud of its own."""
    with LocalCloud() as cloud:
        player = Player(cloud)
        yield player
        player.api.close()


@pytest.mark.parametrize("type", PLAYED)
def test_the_recorded_calls_are_answered_as_they_were(player: Player, type: str) -> None:
    """All that the provider sends about a type, deletes last."""
    for call in RECORDED.get(PARENTS.get(type, ""), []):
        if creating(call):
            player.play(call)
    for call in sorted(RECORDED[type], key=lambda call: bool(call["method"] == "DELETE")):
        player.play(call)


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
    """The list of later types has only types that were recorded."""
    assert set(LATER) <= set(RECORDED)
    assert set(PARENTS) <= set(PLAYED)


@pytest.mark.parametrize("type", LATER)
def test_a_later_type_is_refused_by_name(player: Player, type: str) -> None:
    """A call that the local cloud does not speak is a 501 that says which."""
    path = "/" + RECORDED[type][0]["path"].split("/")[1] + "/anything"
    answer = player.api.post(path)
    assert answer.status_code == 501
    assert f"POST {path}" in answer.json()["error"]["message"]
