"""The objects of one bucket, in all their generations."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.local_cloud.clock import Clock
from tests.local_cloud.errors import CloudError
from tests.local_cloud.merge_patch import merge_patch
from tests.local_cloud.storage.content import Content
from tests.local_cloud.storage.preconditions import ALWAYS, Preconditions


@dataclass(frozen=True)
class Object:
    """One generation of an object; times are microseconds, and so is the generation.

    `fields` is what the caller may write, such as contentType and metadata. `deleted` is when
    the generation ceased to be the live one, None as long as it is.
    """

    bucket: str
    name: str
    generation: int
    content: Content
    fields: Mapping[str, Any]
    updated: int
    metageneration: int = 1
    deleted: int | None = None


class Objects:
    """All generations of the objects of a bucket, of which at most one per name is live."""

    def __init__(self, bucket: str, clock: Clock) -> None:
        """Start empty."""
        self._bucket = bucket
        self._clock = clock
        self._all: dict[tuple[str, int], Object] = {}
        self._live: dict[str, int] = {}

    def all(self, *, versions: bool = False) -> list[Object]:
        """Return the live objects, or all generations, by name and generation."""
        everything = [self._all[key] for key in sorted(self._all)]
        return [each for each in everything if versions or each.deleted is None]

    def get(self, name: str, generation: int | None = None, conditions: Preconditions = ALWAYS) -> Object:
        """Return the live object or the given generation; 404, 412 or 304."""
        found = self._find(name, generation)
        conditions.check(found.generation, found.metageneration, reading=True)
        return found

    def check(self, name: str, conditions: Preconditions) -> None:
        """Check the preconditions of writing `name`, which need not exist; 412."""
        live = self._all.get((name, self._live.get(name, 0)))
        conditions.check(live.generation if live else 0, live.metageneration if live else 0)

    def put(
        self,
        name: str,
        content: Content,
        fields: Mapping[str, Any],
        conditions: Preconditions,
        *,
        archive: bool,
    ) -> Object:
        """Make a new live generation; the one before is archived or forgotten; 412."""
        self.check(name, conditions)
        self._retire(name, archive=archive)
        generation = self._clock.tick()
        new = Object(self._bucket, name, generation, content, dict(fields), updated=generation)
        self._all[name, generation] = new
        self._live[name] = generation
        return new

    def change(
        self, name: str, generation: int | None, changes: Mapping[str, Any], conditions: Preconditions
    ) -> Object:
        """Patch the fields that the caller may write: a new metageneration; 404 or 412."""
        old = self._find(name, generation)
        return self._write(old, merge_patch(old.fields, changes), conditions)

    def replace(
        self, name: str, generation: int | None, fields: Mapping[str, Any], conditions: Preconditions
    ) -> Object:
        """Replace the fields that the caller may write: a new metageneration; 404 or 412."""
        return self._write(self._find(name, generation), fields, conditions)

    def delete(self, name: str, generation: int | None, conditions: Preconditions, *, archive: bool) -> None:
        """Delete the live object, archived if told so, or a generation for good; 404 or 412."""
        old = self._find(name, generation)
        conditions.check(old.generation, old.metageneration)
        if generation is None:
            self._retire(name, archive=archive)
        else:
            self._forget(old)

    def _find(self, name: str, generation: int | None) -> Object:
        wanted = self._live.get(name, 0) if generation is None else generation
        found = self._all.get((name, wanted))
        if found is None:
            raise CloudError(404, f"No such object: {self._bucket}/{name}")
        return found

    def _write(self, old: Object, fields: Mapping[str, Any], conditions: Preconditions) -> Object:
        conditions.check(old.generation, old.metageneration)
        metageneration, updated = old.metageneration + 1, self._clock.tick()
        new = replace(old, fields=fields, metageneration=metageneration, updated=updated)
        self._all[old.name, old.generation] = new
        return new

    def _retire(self, name: str, *, archive: bool) -> None:
        old = self._all.get((name, self._live.get(name, 0)))
        if old is None:
            return
        self._forget(old)
        if archive:
            self._all[name, old.generation] = replace(old, deleted=self._clock.tick())

    def _forget(self, old: Object) -> None:
        del self._all[old.name, old.generation]
        if self._live.get(old.name) == old.generation:
            del self._live[old.name]
