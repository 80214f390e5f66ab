"""The server."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.cloud import storage

from tests.integration.local_storage.support import new_name
from tests.local_cloud import Fault, LocalCloud


def test_two_clouds_share_nothing(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """Each server has its own port, buckets and journal."""
    with LocalCloud() as other:
        assert other.url != cloud.url
        assert requests.get(f"{other.url}/storage/v1{bucket.path}", timeout=10).status_code == 404
        assert other.calls.count() == 1


def test_a_stopped_cloud_refuses_connections() -> None:
    """After the with block nobody listens, and the thread has ended."""
    before = threading.enumerate()
    with LocalCloud() as cloud:
        assert requests.get(f"{cloud.url}/storage/v1/b", timeout=10).json()["kind"] == "storage#buckets"
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(cloud.url, timeout=10)
    assert threading.enumerate() == before


def test_a_stalled_call_does_not_keep_the_cloud_alive() -> None:
    """Stopping closes the connections that hang."""
    with ThreadPoolExecutor(1) as pool:
        with LocalCloud() as cloud:
            cloud.faults.add(Fault("stall"))
            future = pool.submit(requests.get, f"{cloud.url}/storage/v1/b", timeout=60)
            cloud.calls.wait()
        with pytest.raises(requests.exceptions.ConnectionError):
            future.result(10)


def test_the_state_is_at_hand_in_process(cloud: LocalCloud, client: storage.Client) -> None:
    """A test may create a bucket without a call."""
    name = new_name()
    cloud.storage.buckets.insert(name, {"versioning": {"enabled": True}})
    assert client.get_bucket(name).versioning_enabled


def test_the_cloud_runs_in_the_foreground() -> None:
    """`python -m tests.local_cloud` says where it listens and serves until it is terminated."""
    command = [sys.executable, "-m", "tests.local_cloud", "--port", "0", "--bucket", "models"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            variable, _, url = process.stdout.readline().strip().partition("=")
            assert variable == "export STORAGE_EMULATOR_HOST"
            resource = requests.get(f"{url}/storage/v1/b/models", timeout=10).json()
            assert resource["versioning"] == {"enabled": True}
        finally:
            process.terminate()
