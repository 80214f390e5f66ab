"""Downloads."""

import gzip
import os

import pytest
import requests
from google.cloud import storage

from tests.integration.local_storage.support import CHUNK, NAME, SMALL, download, put
from tests.local_cloud import LocalCloud


def test_a_download_carries_hashes_and_generation(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The headers describe the stored object, on both of the JSON API's addresses."""
    blob = put(bucket, NAME, content_type="application/zip")
    by_media_link = requests.get(blob.media_link, timeout=10)

    for answer in (download(cloud, blob), by_media_link):
        assert answer.content == SMALL
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["X-Goog-Generation"] == str(blob.generation)
        assert answer.headers["X-Goog-Hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
        assert answer.headers["X-Goog-Stored-Content-Length"] == str(len(SMALL))


def test_the_root_of_the_host_reads_objects(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """`GET /BUCKET/OBJECT`, with plain slashes, is how Terraform's state backend reads."""
    blob = put(bucket, "env/default.tfstate")
    answer = requests.get(f"{cloud.url}/{bucket.name}/env/default.tfstate", timeout=10)
    assert answer.content == SMALL
    assert answer.headers["X-Goog-Generation"] == str(blob.generation)
    assert cloud.calls.count("download", bucket.name, "env/default.tfstate") == 1


@pytest.mark.parametrize(
    ("header", "expected", "content_range"),
    [
        ("bytes=2-4", b"cde", "bytes 2-4/10"),
        ("bytes=7-", b"hij", "bytes 7-9/10"),
        ("bytes=7-99", b"hij", "bytes 7-9/10"),
        ("bytes=-2", b"ij", "bytes 8-9/10"),
        ("bytes=-99", b"abcdefghij", "bytes 0-9/10"),
    ],
)
def test_a_range_is_downloaded(
    cloud: LocalCloud, bucket: storage.Bucket, header: str, expected: bytes, content_range: str
) -> None:
    """A range is answered with 206, its bytes and their place."""
    answer = download(cloud, put(bucket, data=b"abcdefghij"), header)
    assert (answer.status_code, answer.content) == (206, expected)
    assert answer.headers["Content-Range"] == content_range


@pytest.mark.parametrize(("data", "header"), [(b"abc", "bytes=3-"), (b"abc", "bytes=-0"), (b"", "bytes=0-9")])
def test_a_range_past_the_end_is_refused(cloud: LocalCloud, bucket: storage.Bucket, data: bytes, header: str) -> None:
    """A range without a single byte of the object is answered with 416 and the size."""
    answer = download(cloud, put(bucket, data=data), header)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(data)}"


def test_the_client_downloads_in_chunks(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A chunk size makes the client ask for range after range."""
    data = os.urandom(CHUNK + 1)
    put(bucket, data=data)
    assert bucket.blob("model", chunk_size=CHUNK).download_as_bytes() == data
    assert cloud.calls.count("download") == 2


def test_compressed_content_is_served_as_stored(bucket: storage.Bucket) -> None:
    """Content-Encoding is handed on, so that the client decompresses."""
    blob = bucket.blob("model")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(SMALL))
    assert blob.download_as_bytes() == SMALL
