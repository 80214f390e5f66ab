"""The buckets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.local_cloud.clock import Clock
from tests.local_cloud.errors import CloudError
from tests.local_cloud.merge_patch import merge_patch
from tests.local_cloud.storage.objects import Objects
from tests.local_cloud.storage.preconditions import ALWAYS, Preconditions


@dataclass
class Bucket:
    """A bucket: `fields` is what the caller sent, times are microseconds."""

    name: str
    fields: Mapping[str, Any]
    objects: Objects
    created: int
    updated: int
    metageneration: int = 1

    @property
    def versioned(self) -> bool:
        """Whether earlier generations are kept."""
        return bool(self.fields.get("versioning", {}).get("enabled"))


class Buckets:
    """All buckets, by name."""

    def __init__(self, clock: Clock) -> None:
        """Start with none."""
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def all(self) -> list[Bucket]:
        """Return the buckets by name."""
        return [self._buckets[name] for name in sorted(self._buckets)]

    def insert(self, name: str, fields: Mapping[str, Any]) -> Bucket:
        """Create a bucket; 400 without a name, 409 when the name is taken."""
        if not name:
            raise CloudError(400, "Required parameter: name")
        if name in self._buckets:
            raise CloudError(409, "The requested bucket name is not available.")
        now = self._clock.tick()
        self._buckets[name] = Bucket(name, dict(fields), Objects(name, self._clock), now, now)
        return self._buckets[name]

    def get(self, name: str, conditions: Preconditions = ALWAYS) -> Bucket:
        """Return a bucket; 404, 412 or 304."""
        bucket = self._find(name)
        conditions.check(bucket.created, bucket.metageneration, reading=True)
        return bucket

    def change(self, name: str, changes: Mapping[str, Any], conditions: Preconditions) -> Bucket:
        """Patch what the caller may write: a new metageneration; 404 or 412."""
        return self.replace(name, merge_patch(self._find(name).fields, changes), conditions)

    def replace(self, name: str, fields: Mapping[str, Any], conditions: Preconditions) -> Bucket:
        """Replace what the caller may write: a new metageneration; 404 or 412."""
        bucket = self._find(name)
        conditions.check(bucket.created, bucket.metageneration)
        bucket.fields = fields
        bucket.metageneration += 1
        bucket.updated = self._clock.tick()
        return bucket

    def delete(self, name: str, conditions: Preconditions) -> None:
        """Delete an empty bucket; 404, 412, or 409 while any generation of an object is left."""
        bucket = self._find(name)
        conditions.check(bucket.created, bucket.metageneration)
        if bucket.objects.all(versions=True):
            raise CloudError(409, "The bucket you tried to delete is not empty.")
        del self._buckets[name]

    def _find(self, name: str) -> Bucket:
        if name not in self._buckets:
            raise CloudError(404, "The specified bucket does not exist.")
        return self._buckets[name]
