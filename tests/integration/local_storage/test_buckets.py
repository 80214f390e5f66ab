"""Buckets."""

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage

from tests.integration.local_storage.support import new_name, put
from tests.local_cloud import LocalCloud


def test_a_bucket_echoes_what_was_sent(client: storage.Client) -> None:
    """A new bucket has the labels, lifecycle and location it was created with."""
    bucket = client.bucket(new_name())
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
