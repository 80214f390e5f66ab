"""Buckets and objects as the JSON resources of Google's documentation."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tests.local_cloud.clock import timestamp
from tests.local_cloud.project import PROJECT_NUMBER
from tests.local_cloud.storage.buckets import Bucket
from tests.local_cloud.storage.objects import Object

SOFT_DELETE_SECONDS = "604800"
LOCKED_AFTER = 90 * 24 * 3600 * 1_000_000
MULTI_REGIONS = {"US", "EU", "ASIA"}

# What the service computes: a caller may send it back, for the client's `update` does, in vain.
COMPUTED = {
    *("kind", "id", "name", "bucket", "selfLink", "mediaLink", "projectNumber", "locationType"),
    *("generation", "metageneration", "etag", "size", "satisfiesPZI", "md5Hash", "crc32c"),
    *("timeCreated", "updated", "timeDeleted", "timeFinalized", "timeStorageClassUpdated"),
}


def writable(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a resource that its sender may set."""
    return {name: value for name, value in resource.items() if name not in COMPUTED}


def bucket_resource(bucket: Bucket, root: str) -> dict[str, Any]:
    """Return a bucket's resource: what was sent, and what the service computes."""
    location = str(bucket.fields.get("location", "US")).upper()
    return {
        "storageClass": "STANDARD",
        "rpo": "DEFAULT",
        **bucket.fields,
        "softDeletePolicy": _soft_delete(bucket),
        "iamConfiguration": _access(bucket),
        "satisfiesPZI": True,
        "kind": "storage#bucket",
        "id": bucket.name,
        "name": bucket.name,
        "selfLink": f"{root}/storage/v1/b/{bucket.name}",
        "projectNumber": PROJECT_NUMBER,
        "location": location,
        "locationType": "multi-region" if location in MULTI_REGIONS else "region",
        "generation": str(bucket.created),
        "metageneration": str(bucket.metageneration),
        "etag": _etag(bucket.created, bucket.metageneration),
        "timeCreated": timestamp(bucket.created),
        "updated": timestamp(bucket.updated),
    }


def object_resource(stored: Object, root: str) -> dict[str, Any]:
    """Return an object's resource: what was sent, and what the service computes."""
    path = f"storage/v1/b/{stored.bucket}/o/{quote(stored.name, safe='')}"
    created = timestamp(stored.generation)
    resource = {
        "storageClass": "STANDARD",
        **stored.fields,
        **stored.content.hashes(),
        "kind": "storage#object",
        "id": f"{stored.bucket}/{stored.name}/{stored.generation}",
        "name": stored.name,
        "bucket": stored.bucket,
        "selfLink": f"{root}/{path}",
        "mediaLink": f"{root}/download/{path}?generation={stored.generation}&alt=media",
        "generation": str(stored.generation),
        "metageneration": str(stored.metageneration),
        "size": str(len(stored.content.data)),
        "etag": object_etag(stored),
        "timeCreated": created,
        "timeFinalized": created,
        "timeStorageClassUpdated": created,
        "updated": timestamp(stored.updated),
    }
    return resource if stored.deleted is None else {**resource, "timeDeleted": timestamp(stored.deleted)}


def object_etag(stored: Object) -> str:
    """Return the entity tag: another one for each generation and metageneration."""
    return _etag(stored.generation, stored.metageneration)


def _soft_delete(bucket: Bucket) -> dict[str, Any]:
    sent = bucket.fields.get("softDeletePolicy") or {}
    policy = {"retentionDurationSeconds": SOFT_DELETE_SECONDS, **sent}
    # Switched off, it has no time at which it began.
    off = str(policy["retentionDurationSeconds"]) == "0"
    return policy if off else {"effectiveTime": timestamp(bucket.created), **policy}


def _access(bucket: Bucket) -> dict[str, Any]:
    sent = bucket.fields.get("iamConfiguration") or {}
    uniform = {"enabled": False, **(sent.get("uniformBucketLevelAccess") or {})}
    if uniform["enabled"]:
        uniform["lockedTime"] = timestamp(bucket.created + LOCKED_AFTER)
    public = {"publicAccessPrevention": "inherited"}
    # The older name is still there, and says the same.
    return {**public, **sent, "bucketPolicyOnly": uniform, "uniformBucketLevelAccess": uniform}


def _etag(generation: int, metageneration: int) -> str:
    return base64.b64encode(f"{generation}/{metageneration}".encode()).decode()
