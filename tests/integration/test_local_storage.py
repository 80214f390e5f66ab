"""The local cloud's storage, seen through Google's own client over real HTTP."""

import base64
import gc
import gzip
import hashlib
import io
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption
from google.cloud.storage.retry import DEFAULT_RETRY

from tests.local_cloud import Effect, Fault, LocalCloud

QUICK_RETRY = DEFAULT_RETRY.with_delay(initial=0.001, maximum=0.01).with_timeout(10)
SMALL = b"a small model"
CHUNK = 256 * 1024
NAME = "models/flight delay/\u00fc?#%2F+model"
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
names = (f"bucket-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def shared_cloud() -> Iterator[LocalCloud]:
    """One server for the file: every test has a bucket of its own."""
    with LocalCloud() as cloud:
        yield cloud
    # The client leaves connections whose download failed to the garbage collector.
    gc.collect()


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
    return client.create_bucket(next(names))


@pytest.fixture
def versioned(client: storage.Client) -> storage.Bucket:
    """A new bucket with versioning."""
    bucket = client.bucket(next(names))
    bucket.versioning_enabled = True
    return client.create_bucket(bucket)


def put(bucket: storage.Bucket, name: str = "model", data: bytes = SMALL, **options: object) -> storage.Blob:
    """Upload `data` and return its blob."""
    blob = bucket.blob(name)
    blob.upload_from_string(data, **options)
    return blob


def object_url(cloud: LocalCloud, blob: storage.Blob) -> str:
    """Return the address of an object's resource."""
    return f"{cloud.url}/storage/v1{blob.path}"


def download(cloud: LocalCloud, blob: storage.Blob, range_header: str | None = None) -> requests.Response:
    """Download with plain HTTP, without the client's retries."""
    headers = {"Range": range_header} if range_header else {}
    return requests.get(object_url(cloud, blob), {"alt": "media"}, headers=headers, timeout=10)


def start_upload(cloud: LocalCloud, bucket: storage.Bucket, **query: str) -> str:
    """Start a resumable upload of `large` and return its address."""
    url = f"{cloud.url}/upload/storage/v1{bucket.path}/o"
    answer = requests.post(url, params={"uploadType": "resumable", **query}, json={"name": "large"}, timeout=10)
    return answer.headers["Location"]


def send_piece(location: str, content_range: str, data: bytes = b"", **headers: str) -> requests.Response:
    """Send a piece of a resumable upload."""
    return requests.put(location, data, headers={"Content-Range": content_range, **headers}, timeout=10)


def hashes(data: bytes) -> str:
    """Return the MD5 of `data` as Google writes it."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


# Buckets


def test_a_bucket_echoes_what_was_sent(client: storage.Client) -> None:
    """A new bucket has the labels, lifecycle and location it was created with."""
    bucket = client.bucket(next(names))
    bucket.labels = {"service": "taxiway"}
    bucket.add_lifecycle_delete_rule(age=90)
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    client.create_bucket(bucket, location="eu")

    found = client.get_bucket(bucket.name)

    assert found.labels == {"service": "taxiway"}
    assert next(iter(found.lifecycle_rules))["condition"] == {"age": 90}
    assert found.iam_configuration.uniform_bucket_level_access_enabled
    assert (found.location, found.location_type, found.storage_class) == ("EU", "multi-region", "STANDARD")


def test_a_bucket_has_computed_fields(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The service adds identity, links, times and numbers."""
    resource = requests.get(f"{cloud.url}/storage/v1{bucket.path}", timeout=10).json()

    assert resource["kind"] == "storage#bucket"
    assert resource["id"] == resource["name"] == bucket.name
    assert resource["selfLink"] == f"{cloud.url}/storage/v1/b/{bucket.name}"
    assert resource["metageneration"] == "1"
    assert resource["projectNumber"].isdigit()
    assert resource["timeCreated"] == resource["updated"]
    assert resource["etag"]


def test_a_bucket_name_is_taken_once(client: storage.Client, bucket: storage.Bucket) -> None:
    """A second bucket of the same name is a conflict."""
    with pytest.raises(exceptions.Conflict):
        client.create_bucket(bucket.name)


def test_an_unknown_bucket_is_not_found(client: storage.Client) -> None:
    """A bucket that nobody created is missing, for its objects too."""
    assert client.lookup_bucket("nobody") is None
    with pytest.raises(exceptions.NotFound, match="bucket does not exist"):
        client.bucket("nobody").blob("model").reload()


def test_buckets_are_listed(client: storage.Client, bucket: storage.Bucket) -> None:
    """The list has the buckets whose name starts with the prefix."""
    assert [found.name for found in client.list_buckets(prefix=bucket.name)] == [bucket.name]


def test_a_bucket_is_patched(bucket: storage.Bucket) -> None:
    """A patch merges labels, removes those set to null and raises the metageneration."""
    bucket.labels = {"kept": "1", "dropped": "2"}
    bucket.patch()
    labels = bucket.labels
    del labels["dropped"]
    bucket.labels = labels
    bucket.patch()

    bucket.reload()

    assert bucket.labels == {"kept": "1"}
    assert bucket.metageneration == 3


def test_a_bucket_is_updated(bucket: storage.Bucket) -> None:
    """An update replaces all fields that can be set."""
    bucket.labels = {"service": "taxiway"}
    bucket.versioning_enabled = True
    bucket.update()
    bucket.reload()
    assert bucket.versioning_enabled
    assert bucket.labels == {"service": "taxiway"}


def test_a_bucket_patch_checks_its_metageneration(bucket: storage.Bucket) -> None:
    """A patch for another metageneration is refused."""
    bucket.labels = {"service": "taxiway"}
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.patch(if_metageneration_match=7)


def test_only_an_empty_bucket_is_deleted(client: storage.Client, versioned: storage.Bucket) -> None:
    """A bucket with as little as an archived generation stays."""
    blob = put(versioned)
    generation = blob.generation
    versioned.delete_blob("model")
    with pytest.raises(exceptions.Conflict):
        versioned.delete()

    versioned.delete_blob("model", generation=generation)
    versioned.delete()

    assert client.lookup_bucket(versioned.name) is None


# Uploads


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


# Downloads


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


# Objects and their generations


def test_an_object_has_computed_fields(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """The service adds identity, links, times and numbers, all numbers as text."""
    blob = put(bucket, NAME)
    resource = requests.get(object_url(cloud, blob), timeout=10).json()

    assert resource["kind"] == "storage#object"
    assert resource["id"] == f"{bucket.name}/{NAME}/{blob.generation}"
    assert resource["selfLink"] == object_url(cloud, blob)
    assert (resource["generation"], resource["metageneration"]) == (str(blob.generation), "1")
    assert resource["size"] == str(len(SMALL))
    assert resource["timeCreated"] == resource["updated"]
    assert resource["etag"]


def test_generations_increase(bucket: storage.Bucket) -> None:
    """Every upload has a greater generation: 16 digits, microseconds since the epoch."""
    generations = [put(bucket).generation for _ in range(5)]
    assert generations == sorted(set(generations))
    assert {len(str(generation)) for generation in generations} == {16}


def test_an_unknown_object_is_not_found(bucket: storage.Bucket) -> None:
    """A missing object has no metadata, no bytes, and cannot be changed or deleted."""
    blob = bucket.blob("nothing")
    assert not blob.exists()
    for call in (blob.reload, blob.patch, blob.delete, blob.download_as_bytes):
        with pytest.raises(exceptions.NotFound):
            call()


def test_metadata_is_patched(bucket: storage.Bucket) -> None:
    """A patch merges fields, removes those set to null, and the generation stays."""
    blob = put(bucket)
    blob.metadata = {"kept": "1", "dropped": "2"}
    blob.patch()
    blob.metadata = {"kept": "1", "dropped": None}
    blob.patch()

    found = bucket.get_blob("model")

    assert found is not None
    assert found.metadata == {"kept": "1"}
    assert (found.generation, found.metageneration) == (blob.generation, 3)
    assert found.content_type == "text/plain"
    assert found.updated > found.time_created


def test_metadata_is_updated(bucket: storage.Bucket) -> None:
    """An update replaces what can be set and leaves alone what the service computes."""
    blob = put(bucket)
    blob.metadata = {"a": "1"}
    blob.update()
    found = bucket.get_blob("model")
    assert found is not None
    assert found.metadata == {"a": "1"}
    assert found.download_as_bytes() == SMALL


def test_versioning_keeps_earlier_generations(versioned: storage.Bucket) -> None:
    """With versioning an overwritten object stays readable by its generation."""
    old, new = put(versioned, data=b"old"), put(versioned, data=b"new")

    assert versioned.blob("model").download_as_bytes() == b"new"
    assert versioned.blob("model", generation=old.generation).download_as_bytes() == b"old"
    listed = list(versioned.list_blobs(versions=True))
    assert [blob.generation for blob in listed] == [old.generation, new.generation]
    assert [blob.time_deleted is None for blob in listed] == [False, True]


def test_without_versioning_an_overwritten_object_is_gone(bucket: storage.Bucket) -> None:
    """Without versioning only the last generation exists."""
    old, new = put(bucket), put(bucket)
    assert not bucket.blob("model", generation=old.generation).exists()
    assert [blob.generation for blob in bucket.list_blobs(versions=True)] == [new.generation]


def test_a_deleted_object_is_archived(versioned: storage.Bucket) -> None:
    """With versioning a delete leaves no live object and keeps the generation."""
    blob = put(versioned)
    versioned.delete_blob("model")
    assert not versioned.blob("model").exists()
    assert list(versioned.list_blobs()) == []
    assert versioned.blob("model", generation=blob.generation).download_as_bytes() == SMALL


def test_a_generation_is_deleted_for_good(versioned: storage.Bucket) -> None:
    """A delete that names a generation, live or not, leaves nothing of it."""
    old, new = put(versioned), put(versioned)
    for generation in (old.generation, new.generation):
        versioned.delete_blob("model", generation=generation)
    assert list(versioned.list_blobs(versions=True)) == []


def test_a_delete_without_versioning_is_final(bucket: storage.Bucket) -> None:
    """Without versioning nothing is left of a deleted object."""
    put(bucket).delete()
    assert list(bucket.list_blobs(versions=True)) == []


# Listing


def test_objects_are_listed_by_name(bucket: storage.Bucket) -> None:
    """A list is sorted, limited to a prefix, and has the objects' metadata."""
    for name in ("models/b", "models/a", "other", NAME):
        put(bucket, name)
    listed = list(bucket.list_blobs(prefix="models/"))
    assert [blob.name for blob in listed] == ["models/a", "models/b", NAME]
    assert {blob.md5_hash for blob in listed} == {hashes(SMALL)}


def test_a_delimiter_folds_names(bucket: storage.Bucket) -> None:
    """With a delimiter, names that go on behind it become one prefix."""
    for name in ("a/1", "a/2", "a/b/3", "c/4", "top"):
        put(bucket, name)
    top, inner = bucket.list_blobs(delimiter="/"), bucket.list_blobs(prefix="a/", delimiter="/")
    assert [blob.name for blob in top] == ["top"]
    assert top.prefixes == {"a/", "c/"}
    assert [blob.name for blob in inner] == ["a/1", "a/2"]
    assert inner.prefixes == {"a/b/"}


def test_a_list_comes_in_pages(cloud: LocalCloud, versioned: storage.Bucket) -> None:
    """A page token goes on where the page before it ended, also between generations."""
    generations = [put(versioned, name).generation for name in ("a", "a", "b", "c/1", "c/2")]
    listed = list(versioned.list_blobs(versions=True, page_size=2))
    assert [blob.generation for blob in listed] == generations
    assert cloud.calls.count("list") == 3

    folded = versioned.list_blobs(delimiter="/", page_size=1)
    assert [blob.name for blob in folded] == ["a", "b"]
    assert folded.prefixes == {"c/"}


def test_an_empty_bucket_lists_nothing(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """A list without items has no items key, as Google's."""
    answer = requests.get(f"{cloud.url}/storage/v1{bucket.path}/o", timeout=10)
    assert answer.json() == {"kind": "storage#objects"}


# Preconditions


def test_an_upload_may_demand_that_nothing_is_there(bucket: storage.Bucket) -> None:
    """`if_generation_match=0` lets the first of two uploads win."""
    put(bucket, if_generation_match=0)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, data=b"second", if_generation_match=0)
    assert bucket.blob("model").download_as_bytes() == SMALL


def test_an_upload_may_demand_a_generation(bucket: storage.Bucket) -> None:
    """An upload that saw an older generation is refused."""
    seen = put(bucket).generation
    put(bucket, if_generation_match=seen)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, if_generation_match=seen)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, "missing", if_generation_match=seen)


def test_of_concurrent_uploads_one_wins(bucket: storage.Bucket) -> None:
    """Publishers who saw the same generation cannot both succeed."""
    seen = put(bucket).generation

    def publish(number: int) -> bool:
        try:
            put(bucket, data=b"%d" % number, if_generation_match=seen)
        except exceptions.PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(publish, range(8))) == 1


def test_an_upload_may_demand_a_change(bucket: storage.Bucket) -> None:
    """The Not conditions of an upload are refused with 412."""
    blob = put(bucket)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, if_generation_not_match=blob.generation)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, if_metageneration_not_match=1)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, "missing", if_generation_not_match=0)
    put(bucket, if_generation_not_match=0)


def test_a_resumable_upload_checks_at_both_ends(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """What was true at the start must still be true when the last byte arrives."""
    location = start_upload(cloud, bucket, ifGenerationMatch="0")
    put(bucket, "large")
    assert send_piece(location, "bytes 0-2/3", b"abc").status_code == 412
    blob = bucket.blob("large")
    with pytest.raises(exceptions.PreconditionFailed):
        blob.upload_from_file(io.BytesIO(b"abc"), if_generation_match=0)
    assert blob.download_as_bytes() == SMALL


def test_a_read_of_what_is_known_is_not_modified(bucket: storage.Bucket) -> None:
    """A read that asks for anything but what it has is answered with 304."""
    blob = put(bucket)
    known, again = blob.generation, bucket.blob("model")
    for condition in ({"if_generation_not_match": known}, {"if_metageneration_not_match": 1}):
        with pytest.raises(exceptions.NotModified):
            again.reload(**condition)
        with pytest.raises(exceptions.NotModified):
            again.download_as_bytes(**condition)
    put(bucket, data=b"new")
    assert again.download_as_bytes(if_generation_not_match=known) == b"new"


def test_a_304_has_no_body(cloud: LocalCloud, bucket: storage.Bucket) -> None:
    """Not modified is a status and nothing else."""
    blob = put(bucket)
    answer = requests.get(object_url(cloud, blob), {"ifGenerationNotMatch": blob.generation}, timeout=10)
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_read_may_demand_a_generation(bucket: storage.Bucket) -> None:
    """A read of another generation or metageneration than the live one is refused."""
    blob = put(bucket)
    for condition in ({"if_generation_match": 1}, {"if_metageneration_match": 2}):
        with pytest.raises(exceptions.PreconditionFailed):
            blob.reload(**condition)
        with pytest.raises(exceptions.PreconditionFailed):
            blob.download_as_bytes(**condition)
    assert blob.download_as_bytes(if_generation_match=blob.generation, if_metageneration_match=1) == SMALL


def test_changes_and_deletes_check_preconditions(bucket: storage.Bucket) -> None:
    """A patch or delete for another generation or metageneration leaves the object alone."""
    blob = put(bucket)
    for condition in ({"if_generation_match": 1}, {"if_metageneration_match": 2}):
        with pytest.raises(exceptions.PreconditionFailed):
            blob.patch(**condition)
        with pytest.raises(exceptions.PreconditionFailed):
            blob.delete(**condition)
    blob.patch(if_generation_match=blob.generation, if_metageneration_match=1)
    blob.delete(if_metageneration_match=2)
    assert not blob.exists()


# Copies


def test_an_earlier_generation_is_copied_back(versioned: storage.Bucket) -> None:
    """A rollback copies an old generation onto the live name, with its metadata."""
    blob = versioned.blob("model")
    blob.metadata = {"version": "1"}
    blob.upload_from_string(b"old", content_type="application/zip")
    bad = put(versioned, data=b"bad")

    back = versioned.copy_blob(
        blob, versioned, "model", source_generation=blob.generation, if_generation_match=bad.generation
    )

    assert versioned.blob("model").download_as_bytes() == b"old"
    assert back.generation > bad.generation
    assert (back.metadata, back.content_type) == ({"version": "1"}, "application/zip")
    assert len(list(versioned.list_blobs(versions=True))) == 3


def test_a_copy_checks_its_target(versioned: storage.Bucket) -> None:
    """A rollback that saw another live generation is refused."""
    old, _ = put(versioned, data=b"old"), put(versioned, data=b"new")
    with pytest.raises(exceptions.PreconditionFailed):
        versioned.copy_blob(
            old, versioned, "model", source_generation=old.generation, if_generation_match=old.generation
        )
    assert versioned.blob("model").download_as_bytes() == b"new"


def test_a_copy_checks_its_source(bucket: storage.Bucket) -> None:
    """A copy of a source that has changed is refused."""
    blob = put(bucket)
    for condition in (
        {"if_source_generation_match": 1},
        {"if_source_generation_not_match": blob.generation},
        {"if_source_metageneration_match": 2},
        {"if_source_metageneration_not_match": 1},
    ):
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.copy_blob(blob, bucket, "copy", **condition)
    bucket.copy_blob(blob, bucket, "copy", if_source_generation_match=blob.generation)
    assert bucket.blob("copy").exists()


def test_an_object_is_rewritten(bucket: storage.Bucket, versioned: storage.Bucket) -> None:
    """A rewrite of a given generation into another bucket is done in one call."""
    old, _ = put(versioned, NAME, b"old"), put(versioned, NAME, b"new")
    copy = bucket.blob(NAME)
    token, rewritten, total = copy.rewrite(versioned.blob(NAME, generation=old.generation))
    assert (token, rewritten, total) == (None, 3, 3)
    assert copy.download_as_bytes() == b"old"


def test_a_rewrite_checks_both_ends(bucket: storage.Bucket) -> None:
    """A rewrite has preconditions for its source and for its target."""
    source, target = put(bucket), bucket.blob("target")
    with pytest.raises(exceptions.PreconditionFailed):
        target.rewrite(source, if_source_generation_match=1)
    with pytest.raises(exceptions.PreconditionFailed):
        source.rewrite(source, if_generation_match=0)
    target.rewrite(source, if_source_generation_match=source.generation, if_generation_match=0)
    assert target.exists()


def test_a_missing_source_is_not_found(bucket: storage.Bucket) -> None:
    """A generation that is gone cannot be copied."""
    with pytest.raises(exceptions.NotFound):
        bucket.copy_blob(put(bucket), bucket, "copy", source_generation=1)


def test_an_object_is_renamed(bucket: storage.Bucket) -> None:
    """The client's rename is a copy and a delete."""
    bucket.rename_blob(put(bucket), "renamed")
    assert [blob.name for blob in bucket.list_blobs()] == ["renamed"]


# Errors


def test_errors_have_the_shape_of_google(cloud: LocalCloud) -> None:
    """An error is JSON with a code, a message and a list of reasons."""
    answer = requests.get(f"{cloud.url}/storage/v1/b/nobody", timeout=10)
    message = "The specified bucket does not exist."
    detail = {"domain": "global", "reason": "notFound", "message": message}
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": 404, "message": message, "errors": [detail]}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/storage/v1/b", b"{"),
        ("/storage/v1/b", b"[]"),
        ("/storage/v1/b", b"{}"),
        ("/upload/storage/v1/b/BUCKET/o", b""),
        ("/upload/storage/v1/b/BUCKET/o?uploadType=media", b""),
        ("/upload/storage/v1/b/BUCKET/o?uploadType=multipart", b"--x\r\n"),
        ("/upload/storage/v1/b/BUCKET/o?uploadType=media&name=a&ifGenerationMatch=b", b""),
    ],
)
def test_a_malformed_call_is_refused(cloud: LocalCloud, bucket: storage.Bucket, path: str, body: bytes) -> None:
    """What cannot be understood is the caller's error: 400."""
    answer = requests.post(cloud.url + path.replace("BUCKET", bucket.name), body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400


@pytest.mark.parametrize("query", ["pageToken=%F0", "pageToken=YWJj%FF", "maxResults=many"])
def test_a_malformed_list_is_refused(cloud: LocalCloud, bucket: storage.Bucket, query: str) -> None:
    """A page token that was never given out, or a size that is no number, is refused."""
    assert requests.get(f"{cloud.url}/storage/v1{bucket.path}/o?{query}", timeout=10).status_code == 400


@pytest.mark.parametrize(("path", "status"), [("/storage/v1/b/any/iam", 501), ("/elsewhere", 404)])
def test_a_call_that_is_missing_is_named(cloud: LocalCloud, path: str, status: int) -> None:
    """What the local cloud does not speak is an error that says so."""
    answer = requests.get(cloud.url + path, timeout=10)
    assert answer.status_code == status
    assert f"GET {path}" in answer.json()["error"]["message"]


# The journal


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


# Faults


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


# Control from another process


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


# The server


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
    name = next(names)
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
