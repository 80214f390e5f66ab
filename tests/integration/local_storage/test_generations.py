"""Objects and their generations."""

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage

from tests.integration.local_storage.support import NAME, SMALL, object_url, put
from tests.local_cloud import LocalCloud


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
