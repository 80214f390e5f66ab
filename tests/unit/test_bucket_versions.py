"""model_training/publishing/bucket.py: which generation is live, by the bucket's own answer."""

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from model_training.publishing.bucket import LiveObject


def blob(generation: int) -> Any:
    """Return a generation as a server lists it that leaves out when it was deleted."""
    now = datetime.fromtimestamp(generation, timezone.utc)
    return SimpleNamespace(
        name="model", generation=generation, time_created=now, time_deleted=None, size=1, crc32c="", metadata=None
    )


class WithoutTimes(LiveObject):
    """An object in a bucket whose listing has no deletion times."""

    plain_read: Any = None

    def _objects(self) -> Any:
        return SimpleNamespace(
            get_blob=lambda *_, **__: self.plain_read, list_blobs=lambda **_: [blob(2), blob(3), blob(1)]
        )


@pytest.mark.parametrize("live", [1, 2, 3, None])
def test_the_live_generation_is_what_a_plain_read_returns(live: int | None) -> None:
    """Not the one without a time of deletion, which a server may leave out; none if the object was deleted."""
    target = WithoutTimes("gs://bucket/model")
    target.plain_read = live and blob(live)
    versions = target.versions()
    assert [stored.generation for stored in versions] == [3, 2, 1]
    assert [stored.generation for stored in versions if stored.live] == ([live] if live else [])
