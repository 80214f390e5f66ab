"""BigQuery in the local cloud: what a remote function needs, and how a query calls one."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.deploy.test_deployed_function import Deployer
from tests.local_cloud import Fault, LocalCloud
from tests.local_cloud.bigquery.locations import within
from tests.local_cloud.bigquery.remote_function import ATTEMPTS, QueryFailed, RemoteFunction

DATASETS = "/bigquery/bigquery/v2/projects/rehearsal/datasets"
LOCATIONS = "/bigqueryconnection/v1/projects/rehearsal/locations"
CONNECTION = "projects/rehearsal/locations/{}/connections/c"
ARGUMENT = {"name": "row", "dataType": {"typeKind": "JSON"}}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One cloud for the file."""
    with LocalCloud() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def deployer(cloud: LocalCloud) -> Iterator[Deployer]:
    """Someone who has deployed a function without a model, and made two connections and two datasets."""
    deployer = Deployer(cloud)
    assert "error" not in deployer.create("predict", deployer.build())
    for location in ("EU", "us-central1"):
        connection = deployer.api.post(f"{LOCATIONS}/{location}/connections", params={"connectionId": "c"}, json={})
        connection.raise_for_status()
        dataset = {"datasetReference": {"datasetId": location.replace("-", "_")}, "location": location}
        deployer.api.post(DATASETS, json=dataset).raise_for_status()
    yield deployer
    deployer.api.close()


@pytest.fixture
def api(cloud: LocalCloud) -> Iterator[httpx.Client]:
    """Who calls BigQuery."""
    with httpx.Client(base_url=cloud.url, trust_env=False) as client:
        yield client


def routine(cloud: LocalCloud, **changes: Any) -> dict[str, Any]:
    """Return a routine that could be made."""
    name = "projects/rehearsal/locations/europe-west1/functions/predict"
    uri = httpx.get(f"{cloud.url}/cloudfunctions/v2/{name}", trust_env=False).json()["serviceConfig"]["uri"]
    options = {"connection": CONNECTION.format("EU"), "endpoint": f"{uri}/bigquery", "maxBatchingRows": "2"}
    return {
        "routineReference": {"routineId": "f"},
        "routineType": "SCALAR_FUNCTION",
        "arguments": changes.pop("arguments", [ARGUMENT]),
        "returnType": {"typeKind": "FLOAT64"},
        "remoteFunctionOptions": {**options, **changes},
    }


@pytest.mark.parametrize(
    ("dataset", "changes", "status", "words"),
    [
        ("nowhere", {}, 404, "datasets/nowhere"),
        ("EU", {"connection": "projects/rehearsal/locations/EU/connections/no"}, 404, "connections/no"),
        ("EU", {"connection": "c"}, 400, "Invalid connection"),
        ("EU", {"connection": CONNECTION.format("us-central1")}, 400, "the dataset in EU"),
        ("us_central1", {"connection": CONNECTION.format("us-central1")}, 400, "is not in us-central1"),
        ("EU", {"endpoint": "https://example.com/bigquery"}, 400, "is not that of a function"),
        ("EU", {"arguments": [{"name": "a", "dataType": {"typeKind": "ARRAY"}}]}, 400, "no argument of type ARRAY"),
    ],
)
def test_a_routine_that_could_not_be_called_is_refused(
    cloud: LocalCloud, api: httpx.Client, dataset: str, changes: dict[str, Any], status: int, words: str
) -> None:
    """Connection, dataset and function have to be there, and at the same place."""
    refused = api.post(f"{DATASETS}/{dataset}/routines", json=routine(cloud, **changes))
    assert refused.status_code == status
    assert words in refused.json()["error"]["message"]


def test_a_dataset_goes_with_its_routines_where_that_is_said(cloud: LocalCloud, api: httpx.Client) -> None:
    """Otherwise it is in use."""
    api.post(DATASETS, json={"datasetReference": {"datasetId": "full"}, "location": "EU"}).raise_for_status()
    api.post(f"{DATASETS}/full/routines", json=routine(cloud)).raise_for_status()
    assert api.post(f"{DATASETS}/full/routines", json=routine(cloud)).status_code == 409
    assert "still in use" in api.delete(f"{DATASETS}/full").json()["error"]["message"]
    assert api.delete(f"{DATASETS}/full", params={"deleteContents": "true"}).status_code == 204
    assert api.get(f"{DATASETS}/full/routines/f").status_code == 404


def test_a_query_fails_as_google_says(cloud: LocalCloud, api: httpx.Client, deployer: Deployer) -> None:
    """403 at once where the connection's account is no invoker; 503 after five attempts; 400 with its sentence."""
    api.post(f"{DATASETS}/EU/routines", json=routine(cloud)).raise_for_status()
    function = RemoteFunction.of(cloud.url, "rehearsal.EU.f", "analyst@example.com")
    asked = cloud.calls.count("invocation")
    with pytest.raises(QueryFailed, match=r"^403: "):
        function.query([[{}]])
    assert cloud.calls.count("invocation") == asked + 1
    deployer.allow("predict", f"serviceAccount:{function.account}")
    with pytest.raises(QueryFailed, match=f"answered 503, {ATTEMPTS} times"):
        function.query([[{}]])
    assert cloud.calls.count("invocation") == asked + 1 + ATTEMPTS
    cloud.faults.add(Fault("status", status=400, kind="invocation"))
    with pytest.raises(QueryFailed, match=r"^400: .*asked for"):
        function.query([[{}]])
    cloud.faults.clear()


@pytest.mark.parametrize(
    ("region", "location", "near"),
    [
        ("europe-west1", "EU", True),
        ("europe-west2", "EU", False),
        ("us-central1", "US", True),
        ("us-central1", "EU", False),
        ("europe-west1", "europe-west1", True),
        ("europe-west1", "europe-west4", False),
    ],
)
def test_a_query_calls_what_is_near(region: str, location: str, *, near: bool) -> None:
    """The region itself, or one within the multi-region, to which London and Zurich do not belong."""
    assert within(region, location) == near
