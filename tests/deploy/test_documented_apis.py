"""The checker that holds the local cloud to Google's documents: each kind of mistake is found, and named."""

from typing import Any

import httpx
import pytest

from tests.local_cloud import LocalCloud
from tests.local_cloud.discovery.comparison import Interaction, differences
from tests.local_cloud.discovery.known import KNOWN, known
from tests.local_cloud.discovery.methods import method_of
from tests.local_cloud.environment import OWNER

PLACE = "projects/rehearsal/locations/europe-west1"
FUNCTION = f"/cloudfunctions/v2/{PLACE}/functions/f"
BUCKET = "/storage/v1/b/models"
BACKEND = "/compute/compute/v1/projects/rehearsal/global/backendServices/b"
OPERATION = {"name": f"{PLACE}/operations/1", "done": True}


def found(verb: str, path: str, query: str = "", sent: Any = None, answered: Any = None) -> list[str]:
    """Return the differences of an interaction, without verb and path."""
    parameters = httpx.QueryParams(query).multi_items()
    interaction = Interaction(verb, path, parameters, sent, 200, answered)
    return [str(each).removeprefix(f"{verb} {path}: ") for each in differences(interaction)]


@pytest.mark.parametrize(
    ("verb", "path", "id"),
    [
        ("PATCH", FUNCTION, "cloudfunctions.projects.locations.functions.patch"),
        ("GET", f"/run/v2/{PLACE}/services/f:getIamPolicy", "run.projects.locations.services.getIamPolicy"),
        ("GET", "/storage/v1/b/models/o/a%2Fb", "storage.objects.get"),
        ("GET", "/download/storage/v1/b/models/o/a%2Fb", "storage.objects.get"),
        ("POST", "/upload/storage/v1/b/models/o", "storage.objects.insert"),
        ("GET", "/monitoring/v1/projects/1/dashboards/d", "monitoring.projects.dashboards.get"),
        ("GET", "/logging/v2/projects/rehearsal/metrics/a%2Fb", "logging.projects.metrics.get"),
        ("POST", "/sts/v1/token", "sts.token"),
    ],
)
def test_a_call_is_a_method(verb: str, path: str, id: str) -> None:
    """By its path and verb, in the document of its API and version."""
    method = method_of(verb, path)
    assert method
    assert method.id == id


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("PUT", FUNCTION),
        ("GET", f"{FUNCTION}:start"),
        ("GET", "/cloudfunctions/v9/projects/rehearsal"),
        ("GET", "/run"),
    ],
)
def test_what_is_no_method_is_found(verb: str, path: str) -> None:
    """Another verb, another path, another version."""
    (difference,) = found(verb, path)
    assert difference.endswith(": no such method in the documents of " + path.split("/")[1])


@pytest.mark.parametrize(
    ("query", "difference"),
    [
        ("alt=json&updateMask=labels,buildConfig.source", ""),
        ("updatemask=labels", "query.updatemask: no such parameter"),
        ("name=f", "query.name: no such parameter"),
        ("prettyPrint=perhaps", "query.prettyPrint: 'perhaps' is no boolean"),
        ("alt=xml", "query.alt: 'xml' is none of json, media, proto"),
    ],
)
def test_parameters(query: str, difference: str) -> None:
    """Those of the method and those of the API, with their values."""
    assert found("PATCH", FUNCTION, query) == ([difference] if difference else [])


@pytest.mark.parametrize(
    ("sent", "difference"),
    [
        ({"buildConfig": {"source": {"storageSource": {"generation": 12}}}}, ""),
        ({"serviceConfig": {"uri": None}}, ""),
        ({"build_config": {}}, "request.build_config: no such field"),
        ({"labels": {"any": 1}}, "request.labels.any: int is no string"),
        ({"serviceConfig": {"maxInstanceCount": "3"}}, "request.serviceConfig.maxInstanceCount: str is no integer"),
        (
            {"serviceConfig": {"maxInstanceCount": 2**31}},
            "request.serviceConfig.maxInstanceCount: 2147483648 is no int32",
        ),
        ({"serviceConfig": []}, "request.serviceConfig: list is no object"),
    ],
)
def test_requests(sent: Any, difference: str) -> None:
    """Fields and types, however deep; a number may be sent for the text that stands for 64 bits."""
    assert found("PATCH", FUNCTION, sent=sent) == ([difference] if difference else [])


@pytest.mark.parametrize(
    ("answered", "place"),
    [
        ({"state": "ACTIVE", "updateTime": "2026-11-28T03:00:00.123456Z"}, ""),
        ({"state": "RUNNING"}, "state: 'RUNNING' is none of STATE_UNSPECIFIED, ACTIVE, "),
        ({"updateTime": "2026-11-28 03:00"}, "updateTime: '2026-11-28 03:00' is no google-datetime"),
        (
            {"buildConfig": {"source": {"storageSource": {"generation": 12}}}},
            "buildConfig.source.storageSource.generation: int is no string",
        ),
        ({"serviceConfig": {"uri": None}}, "serviceConfig.uri: NoneType is no string"),
    ],
)
def test_responses(answered: Any, place: str) -> None:
    """The same, with enumerations and formats, and to the letter."""
    differences = found("GET", FUNCTION, answered=answered)
    assert len(differences) == bool(place)
    assert all(each.startswith(f"response.{place}") for each in differences)


@pytest.mark.parametrize(
    ("outcome", "place"),
    [
        ({"@type": "type.googleapis.com/google.cloud.functions.v2.Function", "state": "ACTIVE"}, ""),
        ({"@type": "type.googleapis.com/google.protobuf.Empty"}, ""),
        ({"@type": "type.googleapis.com/google.cloud.functions.v2.Function", "status": 1}, ".status: no such field"),
        ({"@type": "type.googleapis.com/functions"}, ".@type: 'type.googleapis.com/functions' names no schema"),
    ],
)
def test_the_outcome_of_an_operation(outcome: Any, place: str) -> None:
    """Is a message of the type that it names."""
    differences = found("DELETE", FUNCTION, answered={**OPERATION, "response": outcome})
    assert differences == ([f"response.response{place}"] if place else [])


def test_an_error_is_not_described() -> None:
    """So that its response is not looked at."""
    assert differences(Interaction("GET", FUNCTION, [], None, 404, {"error": {"code": 404}})) == []


@pytest.mark.parametrize("number", range(len(KNOWN)))
def test_every_known_difference_has_a_reason_and_is_one(number: int) -> None:
    """An interaction has it, and the document does not."""
    examples = [
        ("GET", f"{BUCKET}/anywhereCaches/", "method.v1"),
        ("GET", "/models/root/default.tfstate", "method.xml"),
        ("PUT", "/upload/storage/v1/b/models/o", "query.upload_id"),
        (
            "POST",
            f"{BACKEND.replace('backendServices', 'targetHttpsProxies')}/setSslCertificates",
            "request.serverTlsPolicy",
        ),
        ("POST", f"/artifactregistry/v1/{PLACE}/repositories", "query.repository_id"),
    ]
    verb, path, place = examples[number]
    assert known(verb, path, place)
    assert not known(verb, path, "response.anything")
    assert KNOWN[number].reason
    method = method_of(verb, path)
    assert method is None or place.split(".")[1] not in {
        *method.parameters,
        *method.schemas[method.request]["properties"],
    }


def test_a_strict_cloud_collects_differences() -> None:
    """With verb, path and field; what was answered stays the same."""
    with LocalCloud(strict=True) as cloud, httpx.Client(base_url=cloud.url, trust_env=False) as api:
        api.headers["Authorization"] = f"Bearer {OWNER}"
        assert api.post(
            "/storage/v1/b", params={"project": "rehearsal"}, json={"name": "b", "colour": "red"}
        ).is_success
        assert [*map(str, cloud.differences)] == [
            "POST /storage/v1/b: request.colour: no such field",
            "POST /storage/v1/b: response.colour: no such field",
        ]
