"""All that Cloud Storage holds."""

from tests.local_cloud.clock import Clock
from tests.local_cloud.storage.buckets import Buckets
from tests.local_cloud.storage.resumable import Uploads


class Storage:
    """Buckets, with their objects, and uploads that are not finished yet."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Start empty; generations and times come from the clock."""
        self.buckets = Buckets(clock or Clock())
        self.uploads = Uploads()
