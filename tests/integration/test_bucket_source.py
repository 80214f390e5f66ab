"""function/live/source.py against a bucket server."""

import gzip

import pytest
from google.cloud import storage

from function.errors import Missing, Unreachable
from function.live.source import BucketSource
from tests.local_cloud import Fault, LocalCloud

URI = "gs://models/a/model"


def upload(bucket: storage.Bucket, content: bytes = b"content") -> int:
    """Upload with the plain client; return the generation."""
    blob = bucket.blob("a/model")
    blob.upload_from_string(content)
    return int(blob.generation)


def test_an_object_is_found_and_read(bucket: storage.Bucket) -> None:
    """Its generation and size first, then its bytes."""
    generation = upload(bucket)
    source = BucketSource(URI)
    found = source.find()
    assert (found.generation, found.size) == (generation, 7)
    assert source.read(found) == b"content"


def test_the_generation_found_is_the_one_read(bucket: storage.Bucket) -> None:
    """Although it was replaced meanwhile; once it is gone for good it is missing, never mistaken."""
    generation = upload(bucket)
    source = BucketSource(URI)
    found = source.find()
    upload(bucket, b"another")
    assert source.read(found) == b"content"
    bucket.delete_blob("a/model", generation=generation)
    with pytest.raises(Missing):
        source.read(found)


def test_a_known_version_is_not_read_again(bucket: storage.Bucket) -> None:
    """`find` returns the known version as long as its generation is the current one."""
    upload(bucket)
    source = BucketSource(URI)
    found = source.find()
    assert source.find(found) is found
    generation = upload(bucket)
    assert source.find(found).generation == generation


def test_no_object_and_no_bucket_are_missing(bucket: storage.Bucket) -> None:
    """The sentence names the address."""
    for uri in (URI, "gs://no-such-bucket/object"):
        with pytest.raises(Missing, match=uri):
            BucketSource(uri).find()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("status", status=403), "answered 403"),
        (Fault("status", status=503), "could not be read|answered 503"),
        (Fault("gone"), "could not be read"),
    ],
)
def test_an_outage_is_unreachable(bucket: storage.Bucket, cloud: LocalCloud, fault: Fault, words: str) -> None:
    """Whatever its kind, and what the server wrote stays out of the sentence."""
    upload(bucket)
    cloud.faults.add(fault)
    with pytest.raises(Unreachable, match=words) as caught:
        BucketSource(URI).find()
    assert not isinstance(caught.value, Missing)


def test_a_short_outage_is_retried(bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """One 503 does not make a request fail."""
    generation = upload(bucket)
    cloud.faults.add(Fault("status", status=503, times=1))
    assert BucketSource(URI).find().generation == generation


@pytest.mark.parametrize("effect", ["cut", "corrupt"])
def test_a_damaged_download_is_never_taken_for_the_object(
    bucket: storage.Bucket, cloud: LocalCloud, effect: str
) -> None:
    """A stream cut short or changed on its way is unreachable, or read again, never wrong."""
    content = bytes(range(256)) * 1000
    upload(bucket, content)
    source = BucketSource(URI)
    cloud.faults.add(Fault(effect, kind="download", after=1000))  # type: ignore[arg-type]
    with pytest.raises(Unreachable):
        source.read(source.find())
    cloud.faults.clear()
    assert source.read(source.find()) == content


def test_a_download_is_continued_where_it_was_cut(bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """The rest is asked for as a range, and the checksum is that of the whole."""
    content = bytes(range(256)) * 1000
    upload(bucket, content)
    source = BucketSource(URI)
    cloud.faults.add(Fault("cut", kind="download", after=200_000, times=2))
    assert source.read(source.find()) == content
    assert cloud.calls.count("download") == 2


def test_an_object_stored_in_gzip_is_read_as_it_is_stored(bucket: storage.Bucket) -> None:
    """Its size and checksum are those of the stored bytes."""
    content = gzip.compress(b"content")
    blob = bucket.blob("a/model")
    blob.content_encoding = "gzip"
    blob.upload_from_string(content)
    source = BucketSource(URI)
    assert source.read(source.find()) == content


def test_a_connection_that_the_server_closed_is_opened_again(bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """As happens between two refreshes."""
    upload(bucket)
    source = BucketSource(URI)
    found = source.find()
    cloud.faults.add(Fault("gone", times=1))
    assert source.find(found) is found


def test_a_start_makes_one_request(bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """The content's response has the metadata too; what is not read does not disturb the next request."""
    generation = upload(bucket)
    cloud.calls.clear()
    source = BucketSource(URI)
    assert source.read(source.find()) == b"content"
    assert (cloud.calls.count(), cloud.calls.count("download")) == (1, 1)
    found = source.find()
    assert source.find(found) is found
    assert source.read(found) == b"content"
    assert found.generation == generation


def test_the_rest_is_of_the_same_generation(bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """If the object is replaced while its content arrives, and the connection breaks."""
    content = bytes(range(256)) * 1000
    upload(bucket, content)
    cloud.faults.add(Fault("cut", kind="download", after=1000, times=1))
    source = BucketSource(URI)
    found = source.find()
    upload(bucket, content[::-1])
    assert source.read(found) == content
