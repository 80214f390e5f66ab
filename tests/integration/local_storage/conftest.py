"""A server, Google's client, and buckets."""

from collections.abc import Iterator

import pytest
from google.cloud import storage

from tests.integration.local_storage.support import new_name
from tests.local_cloud import LocalCloud


@pytest.fixture(scope="module")
def shared_cloud() -> Iterator[LocalCloud]:
    """One server for the file: every test has a bucket of its own."""
    with LocalCloud() as cloud:
        yield cloud


@pytest.fixture
def cloud(shared_cloud: LocalCloud, caplog: pytest.LogCaptureFixture) -> Iterator[LocalCloud]:
    """The server with an empty journal, without faults; it must not fail by itself."""
    shared_cloud.calls.clear()
    yield shared_cloud
    shared_cloud.faults.clear()
    assert [record for record in caplog.get_records("call") if record.name == "uvicorn.error"] == []


@pytest.fixture
def client(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Client]:
    """Google's client, which finds the server by its environment alone."""
    for variable, value in cloud.environment().items():
        monkeypatch.setenv(variable, value)
    client = storage.Client(project="rehearsal")
    yield client
    client.close()


@pytest.fixture
def bucket(client: storage.Client) -> storage.Bucket:
    """A new bucket without versioning."""
    return client.create_bucket(new_name())


@pytest.fixture
def versioned(client: storage.Client) -> storage.Bucket:
    """A new bucket with versioning."""
    bucket = client.bucket(new_name())
    bucket.versioning_enabled = True
    return client.create_bucket(bucket)
