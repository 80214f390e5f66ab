"""Control from another process."""

import pytest
import requests
from google.cloud import storage

from tests.integration.local_storage.support import download, put
from tests.local_cloud import LocalCloud


def test_faults_are_set_over_http(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """POST /_faults adds one, GET lists them, DELETE clears them; none of it is journaled."""
    blob, url = put(bucket), f"{cloud.url}/_faults"
    cloud.calls.clear()
    fault = {"effect": "status", "status": 429, "kind": "download", "times": 2}
    assert requests.post(url, json=fault, timeout=10).status_code == 200
    assert download(cloud, blob).status_code == 429

    (listed,) = requests.get(url, timeout=10).json()["faults"]

    assert fault.items() <= listed.items()
    assert listed["left"] == 1
    assert requests.delete(url, timeout=10).json() == {"faults": []}
    assert download(cloud, blob).status_code == 200
    assert cloud.calls.count() == 2


@pytest.mark.parametrize("body", ['{"effect": "explode"}', '{"effect": "gone", "tmies": 1}', "{"])
def test_a_malformed_fault_is_refused(cloud: LocalCloud, body: str) -> None:
    """A misspelt effect or option is an error, not a fault that never happens."""
    assert requests.post(f"{cloud.url}/_faults", body, timeout=10).status_code == 400
    assert requests.get(f"{cloud.url}/_faults", timeout=10).json() == {"faults": []}


def test_the_journal_is_read_over_http(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """GET /_calls lists the calls, DELETE forgets them."""
    cloud.calls.clear()
    put(bucket)
    (call,) = requests.get(f"{cloud.url}/_calls", timeout=10).json()["calls"]
    assert (call["kind"], call["bucket"], call["object_name"]) == ("upload", bucket.name, "model")
    assert requests.delete(f"{cloud.url}/_calls", timeout=10).json() == {"calls": []}
