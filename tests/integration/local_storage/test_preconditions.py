"""Preconditions."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage

from tests.integration.local_storage.support import SMALL, object_url, put, send_piece, start_upload
from tests.local_cloud import LocalCloud


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
