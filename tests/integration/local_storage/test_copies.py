"""Copies."""

import pytest
from google.api_core import exceptions
from google.cloud import storage

from tests.integration.local_storage.support import NAME, put


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
