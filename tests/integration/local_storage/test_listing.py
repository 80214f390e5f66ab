"""Listing."""

import requests
from google.cloud import storage

from tests.integration.local_storage.support import NAME, SMALL, hashes, put
from tests.local_cloud import LocalCloud


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
