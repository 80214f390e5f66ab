"""Uploads."""

import io
import os
from contextlib import closing
from http.client import HTTPConnection

import pytest
import requests
from google.cloud import storage

from tests.integration.local_storage.support import (
    CHUNK,
    NAME,
    QUICK_RETRY,
    SMALL,
    hashes,
    put,
    send_piece,
    start_upload,
)
from tests.local_cloud import Effect, Fault, LocalCloud


def test_a_small_object_is_uploaded_in_one_request(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The client's default for small data, multipart, takes one call and keeps the metadata."""
    blob = bucket.blob(NAME)
    blob.metadata = {"trained-by": "tests"}
    blob.cache_control = "no-store"
    blob.upload_from_string(SMALL, content_type="application/zip")

    found = bucket.get_blob(NAME)

    assert found is not None
    assert found.download_as_bytes() == SMALL
    assert found.metadata == {"trained-by": "tests"}
    assert (found.content_type, found.cache_control) == ("application/zip", "no-store")
    assert (found.size, found.md5_hash) == (len(SMALL), hashes(SMALL))
    assert cloud.calls.count("upload", object_name=NAME) == 1


@pytest.mark.parametrize("checksum", ["md5", "crc32c", "auto", None])
def test_every_checksum_of_the_client_works(bucket: storage.Bucket, checksum: str | None) -> None:
    """Whatever hash the client sends along is understood."""
    blob = put(bucket, checksum=checksum)
    assert blob.download_as_bytes(checksum=checksum) == SMALL


def test_binary_data_survives_a_multipart_upload(bucket: storage.Bucket) -> None:
    """Line ends and dashes in the data are no part of the envelope."""
    data = b"\r\n--\r\n\n--\n" + bytes(range(256)) + b"\r\n\r\n--\r\n"
    assert put(bucket, data=data).download_as_bytes() == data


def test_a_multipart_upload_may_end_its_lines_with_lf(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """Some clients write the envelope with bare line feeds."""
    body = b'--x\ncontent-type: application/json\n\n{"name": "lf"}\n--x\n\n' + SMALL + b"\n--x--\n"
    requests.post(
        f"{cloud.url}/upload/storage/v1{bucket.path}/o?uploadType=multipart",
        body,
        headers={"Content-Type": "multipart/related; boundary=x"},
        timeout=10,
    ).raise_for_status()
    assert bucket.blob("lf").download_as_bytes() == SMALL


def test_an_empty_object_is_uploaded(bucket: storage.Bucket) -> None:
    """No bytes at all are an object too, whichever way they come."""
    assert put(bucket, data=b"").download_as_bytes() == b""
    blob = bucket.blob("stream")
    blob.upload_from_file(io.BytesIO(b""))
    assert blob.download_as_bytes() == b""


def test_media_alone_is_uploaded(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """`uploadType=media` takes the name from the query and the type from the header."""
    resource = requests.post(
        f"{cloud.url}/upload/storage/v1{bucket.path}/o",
        SMALL,
        params={"uploadType": "media", "name": NAME},
        headers={"Content-Type": "text/csv"},
        timeout=10,
    ).json()
    assert (resource["name"], resource["contentType"]) == (NAME, "text/csv")
    assert bucket.blob(NAME).download_as_bytes() == SMALL


def test_a_large_object_is_uploaded_in_pieces(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The client's resumable upload sends one call to start and one for each chunk."""
    data = os.urandom(2 * CHUNK + 7)
    blob = bucket.blob("large", chunk_size=CHUNK)
    blob.upload_from_file(io.BytesIO(data), content_type="application/zip")

    assert blob.content_type == "application/zip"
    assert blob.download_as_bytes() == data
    assert cloud.calls.count("upload", object_name="large") == 4


def test_data_over_8_mib_is_uploaded_by_default(bucket: storage.Bucket) -> None:
    """With a known size the client turns to a resumable upload above 8 MiB."""
    data = os.urandom(8 * 1024 * 1024 + 1)
    blob = put(bucket, data=data)
    assert (blob.size, blob.md5_hash) == (len(data), hashes(data))


@pytest.mark.parametrize("known", ["*", str(CHUNK + 3)])
def test_an_interrupted_upload_is_resumed(cloud: LocalCloud, bucket: storage.Bucket, known: str) -> None:
    """A status query tells how far it came; nothing is visible before the last byte."""
    data = os.urandom(CHUNK + 3)
    location = start_upload(cloud, bucket)
    assert "Range" not in send_piece(location, f"bytes */{known}").headers

    first = send_piece(location, f"bytes 0-{CHUNK - 1}/{known}", data[:CHUNK])
    status = send_piece(location, f"bytes */{known}")
    assert (first.status_code, status.status_code) == (308, 308)
    assert first.headers["Range"] == status.headers["Range"] == f"bytes=0-{CHUNK - 1}"
    assert not bucket.blob("large").exists()

    last = send_piece(location, f"bytes {CHUNK}-{CHUNK + 2}/{CHUNK + 3}", data[CHUNK:])
    assert last.status_code == 200
    assert bucket.blob("large").download_as_bytes() == data


def test_a_finished_upload_answers_again(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A caller who missed the last answer asks for it, and the object is not stored twice."""
    location = start_upload(cloud, bucket)
    first = send_piece(location, "bytes 0-2/3", b"abc").json()
    assert send_piece(location, "bytes */3").json() == first
    assert send_piece(location, "bytes 0-2/3", b"abc").json() == first


def test_repeated_bytes_are_taken_once(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A piece may start before the end of what has arrived, but not after it."""
    location = start_upload(cloud, bucket)
    send_piece(location, "bytes 0-2/*", b"abc")
    assert send_piece(location, "bytes 4-5/*", b"ef").status_code == 400
    send_piece(location, "bytes 1-5/6", b"bcdef")
    assert bucket.blob("large").download_as_bytes() == b"abcdef"


def test_a_content_range_must_fit_its_body(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A header that is malformed or speaks of another length is refused."""
    location = start_upload(cloud, bucket)
    assert send_piece(location, "bytes 0-9/10", b"abc").status_code == 400
    assert send_piece(location, "0 to 2", b"abc").status_code == 400


def test_an_unknown_upload_is_not_found(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """An upload id that was never given out leads nowhere."""
    location = f"{cloud.url}/upload/storage/v1{bucket.path}/o?upload_id=none"
    assert send_piece(location, "bytes */*").status_code == 404


@pytest.mark.parametrize("effect", ["status", "cut", "gone"])
def test_the_client_recovers_an_upload(cloud: LocalCloud, bucket: storage.Bucket, effect: Effect) -> None:
    """An error, a lost answer or a lost connection between two pieces costs a retry, not the upload."""
    data = os.urandom(2 * CHUNK + 1)
    blob = bucket.blob("large", chunk_size=CHUNK)
    with blob.open("wb", ignore_flush=True, retry=QUICK_RETRY) as stream:
        stream.write(data[: CHUNK + 1])
        cloud.faults.add(Fault(effect, kind="upload", times=1))
        stream.write(data[CHUNK + 1 :])
    assert cloud.calls.count("upload") == 5
    assert blob.download_as_bytes() == data


def test_an_upload_that_breaks_off_leaves_nothing(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """When the caller goes away in the middle of its request, nothing has happened."""
    path = f"/upload/storage/v1{bucket.path}/o?uploadType=media&name=model"
    with closing(HTTPConnection(cloud.url.removeprefix("http://"))) as connection:
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", "100")
        connection.endheaders(SMALL)
        cloud.calls.wait("upload")
    assert not bucket.blob("model").exists()


@pytest.mark.parametrize("way", ["media", "multipart", "resumable"])
def test_a_wrong_hash_is_refused(cloud: LocalCloud, bucket: storage.Bucket, way: str) -> None:
    """Data that does not have the hash its sender claims is not stored: 400."""
    wrong = hashes(b"something else")
    url = f"{cloud.url}/upload/storage/v1{bucket.path}/o?uploadType={way}&name=large"
    if way == "media":
        answer = requests.post(url, SMALL, headers={"X-Goog-Hash": f"md5={wrong}"}, timeout=10)
    elif way == "multipart":
        body = b'--x\r\n\r\n{"md5Hash": "%s"}\r\n--x\r\n\r\nabc\r\n--x--' % wrong.encode()
        headers = {"Content-Type": "multipart/related; boundary=x"}
        answer = requests.post(url, body, headers=headers, timeout=10)
    else:
        location = start_upload(cloud, bucket)
        answer = send_piece(location, "bytes 0-2/3", b"abc", **{"X-Goog-Hash": f"crc32c=AAAAAA==,md5={wrong}"})

    assert answer.status_code == 400
    assert "does not match" in answer.json()["error"]["message"]
    assert not bucket.blob("large").exists()
