"""The journal."""

import pytest
from google.cloud import storage

from tests.integration.local_storage.support import put
from tests.local_cloud import LocalCloud


def test_calls_are_counted_by_kind(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A test can tell how often metadata was read and bytes were downloaded."""
    blob = put(bucket)
    blob.reload()
    blob.reload()
    blob.download_as_bytes()
    list(bucket.list_blobs())
    blob.patch()
    bucket.copy_blob(blob, bucket, "copy")
    blob.delete()

    kinds = ["bucket", "upload", "metadata", "metadata", "download", "list", "patch", "copy", "delete"]
    assert [call.kind for call in cloud.calls] == kinds
    assert cloud.calls.count("metadata", bucket.name, "model") == 2
    assert cloud.calls.count("metadata", object_name="copy") == 0
    assert cloud.calls.count() == len(kinds)


def test_the_journal_is_cleared(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """After a clear only later calls count."""
    put(bucket)
    cloud.calls.clear()
    bucket.blob("model").exists()
    assert [call.kind for call in cloud.calls] == ["metadata"]


def test_a_wait_for_calls_has_an_end(cloud: LocalCloud) -> None:
    """A test that waits for a call which never comes fails."""
    with pytest.raises(TimeoutError, match="download"):
        cloud.calls.wait("download", timeout=0)
