"""Faults."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption

from tests.integration.local_storage.support import CHUNK, QUICK_RETRY, SMALL, download, object_url, put
from tests.local_cloud import Fault, LocalCloud


def test_an_error_status_lasts_as_often_as_asked(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """Two 503 cost the client two retries; other kinds of call do not notice."""
    blob = put(bucket)
    cloud.faults.add(Fault("status", kind="download", times=2))
    assert blob.exists()
    assert blob.download_as_bytes(retry=QUICK_RETRY) == SMALL
    assert cloud.calls.count("download") == 3


def test_an_error_status_of_any_number(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A 403 reaches the caller with its reason, until the fault is cleared."""
    blob = put(bucket)
    cloud.faults.add(Fault("status", status=403))
    for _ in range(2):
        with pytest.raises(exceptions.Forbidden):
            blob.reload()
    assert requests.get(object_url(cloud, blob), timeout=10).json()["error"]["errors"][0]["reason"] == "forbidden"
    cloud.faults.clear()
    blob.reload()


def test_a_refused_call_changes_nothing(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """An upload that met an error status has not happened."""
    cloud.faults.add(Fault("status", kind="upload", status=403, times=1))
    with pytest.raises(exceptions.Forbidden):
        put(bucket)
    assert not bucket.blob("model").exists()


def test_a_stream_is_cut(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The connection ends after some bytes though Content-Length promised more."""
    blob = put(bucket)
    cloud.faults.add(Fault("cut", kind="download", after=4))
    with requests.get(object_url(cloud, blob), {"alt": "media"}, stream=True, timeout=10) as answer:
        assert answer.headers["Content-Length"] == str(len(SMALL))
        assert answer.raw.read(4) == SMALL[:4]
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            next(answer.iter_content())


def test_the_client_goes_on_after_a_cut(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The client asks for the rest of the same generation."""
    data = os.urandom(CHUNK)
    put(bucket, data=data)
    cloud.faults.add(Fault("cut", kind="download", after=CHUNK // 2, times=1))
    assert bucket.blob("model").download_as_bytes(retry=QUICK_RETRY) == data


def test_a_corrupted_body_keeps_its_hashes(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A flipped byte is for the reader to find, by the true hashes in the headers."""
    blob = put(bucket)
    cloud.faults.add(Fault("corrupt", kind="download", after=3, times=2))
    answer = download(cloud, blob)
    assert [a == b for a, b in zip(answer.content, SMALL, strict=True)].index(False) == 3
    assert f"md5={blob.md5_hash}" in answer.headers["X-Goog-Hash"]
    with pytest.raises(DataCorruption):
        blob.download_as_bytes()
    assert blob.download_as_bytes() == SMALL


@pytest.mark.parametrize("after", [None, 0, 5])
def test_a_stalled_call_goes_on_when_released(cloud: LocalCloud, bucket: storage.Bucket, after: int | None) -> None:
    """A call hangs before or within its answer until it is released, and is then complete."""
    blob = put(bucket)
    stall = cloud.faults.add(Fault("stall", kind="download", after=after))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(blob.download_as_bytes)
        cloud.calls.wait("download")
        assert blob.exists()
        assert not future.done()
        stall.release()
        assert future.result(10) == SMALL


def test_clearing_the_faults_releases(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A stall that has used up its times is released too."""
    blob = put(bucket)
    cloud.faults.add(Fault("stall", kind="download", times=1))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(blob.download_as_bytes)
        cloud.calls.wait("download")
        cloud.faults.clear()
        assert future.result(10) == SMALL


def test_a_stall_may_end_by_itself(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """After its seconds a stalled call is completed."""
    blob = put(bucket)
    cloud.faults.add(Fault("stall", kind="download", seconds=0.01))
    assert blob.download_as_bytes() == SMALL


def test_a_reader_gives_up_on_a_stall(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A read timeout is the caller's way out."""
    blob = put(bucket)
    cloud.faults.add(Fault("stall", kind="download"))
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(object_url(cloud, blob), {"alt": "media"}, timeout=(10, 0.05))


def test_a_server_that_is_gone(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """Connections end without an answer until the fault is cleared."""
    blob = put(bucket)
    cloud.faults.add(Fault("gone"))
    for _ in range(2):
        with pytest.raises(requests.exceptions.ConnectionError):
            download(cloud, blob)
    cloud.faults.clear()
    assert download(cloud, blob).content == SMALL


def test_a_lost_answer_is_not_a_lost_upload(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """An upload whose answer was cut has happened: its repetition finds the object there."""
    cloud.faults.add(Fault("cut", kind="upload", times=1))
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, if_generation_match=0, retry=QUICK_RETRY)
    assert bucket.blob("model").download_as_bytes() == SMALL


def test_faults_happen_in_the_order_they_were_set(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """When one fault is used up the next one has its turn."""
    blob = put(bucket)
    cloud.faults.add(Fault("status", status=503, times=1))
    cloud.faults.add(Fault("status", status=403, times=1))
    assert [download(cloud, blob).status_code for _ in range(3)] == [503, 403, 200]
