"""Read the generations of the live object in its bucket, and write new ones with preconditions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from function.live.source import split_bucket_uri
from model_training.publishing.bucket_errors import ConcurrentPublish, GenerationDeleted, bucket_errors
from model_training.publishing.storage import storage_client

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud import storage

TIMEOUT = (5.0, 60.0)
"""Timeouts in seconds: to connect, and between two reads."""
RETRY_SECONDS = 20.0
CONTENT_TYPE = "application/octet-stream"
ATTEMPT = "attempt"
"""The label that identifies an upload, so that a retry recognizes it if the first response was lost."""


@dataclass(frozen=True)
class Stored:
    """A generation of the object, as the bucket lists it."""

    generation: int
    created: datetime
    size: int
    """In bytes."""
    live: bool
    crc32c: str
    labels: Mapping[str, str]
    """The labels that the publisher wrote: for display only, because an uploader may write anything."""


class LiveObject:
    """The object `gs://BUCKET/OBJECT`; every method may raise BucketError."""

    def __init__(self, uri: str) -> None:
        """Store the address `gs://BUCKET/OBJECT`; connect on first use."""
        self.uri = uri
        self._bucket, self._name = split_bucket_uri(uri)
        self._client: storage.Client | None = None

    def live(self) -> Stored | None:
        """Return the live generation; None if there is no such object or bucket."""
        with bucket_errors(self.uri):
            blob = self._objects().get_blob(self._name, timeout=TIMEOUT, retry=_retry())
        return None if blob is None else _stored(blob, int(blob.generation))

    def versions(self) -> list[Stored]:
        """Return all stored generations, newest first; the live one is that which a plain read returns."""
        live = self.live()
        generation = live.generation if live else None
        with bucket_errors(self.uri):
            blobs = self._objects().list_blobs(prefix=self._name, versions=True, timeout=TIMEOUT, retry=_retry())
            found = [_stored(blob, generation) for blob in blobs if blob.name == self._name]
        return sorted(found, key=lambda stored: -stored.generation)

    def download(self, generation: int) -> bytes:
        """Return the bytes of a generation; the client library verifies their checksum.

        Raises:
            GenerationDeleted: the bucket no longer has this generation.
        """
        from google.api_core.exceptions import NotFound

        with bucket_errors(self.uri):
            try:
                # Raw: the function reads the stored bytes too, without decoding them.
                data: bytes = self._blob(generation).download_as_bytes(
                    raw_download=True, timeout=TIMEOUT, retry=_retry()
                )
            except NotFound:
                deleted = f"the bucket no longer has generation {generation} of {self.uri}"
                raise GenerationDeleted(f"{deleted}; {_now(self.live())}.") from None
        return data

    def upload(self, data: bytes, labels: Mapping[str, str], if_generation: int) -> int:
        """Upload `data` as the live object if its generation is `if_generation` (0: none); return the new generation.

        Raises:
            ConcurrentPublish: another generation is live.
        """
        blob = self._blob()

        def send() -> None:
            blob.upload_from_string(
                data, CONTENT_TYPE, if_generation_match=if_generation, timeout=TIMEOUT, retry=_retry()
            )

        return self._guarded(send, blob, labels)

    def copy_to_live(self, generation: int, labels: Mapping[str, str], if_generation: int) -> int:
        """Copy an earlier generation to the live object within the bucket, under the same condition as `upload`.

        Raises:
            ConcurrentPublish: another generation is live.
        """
        blob, source = self._blob(), self._blob(generation)
        # The fields of the new object replace all fields of the source.
        blob.content_type = CONTENT_TYPE

        def copy() -> None:
            token, done = None, False
            while not done:
                token, *_ = blob.rewrite(
                    source, token=token, if_generation_match=if_generation, timeout=TIMEOUT, retry=_retry()
                )
                done = token is None

        return self._guarded(copy, blob, labels)

    def _guarded(self, write: Callable[[], None], blob: "storage.Blob", labels: Mapping[str, str]) -> int:
        """Write once; recognize our own write if the client library retried it because the response was lost."""
        from google.api_core.exceptions import PreconditionFailed

        attempt = uuid4().hex
        blob.metadata = {**labels, ATTEMPT: attempt}
        with bucket_errors(self.uri):
            try:
                write()
            except PreconditionFailed:
                live = self.live()
                if live is None or live.labels.get(ATTEMPT) != attempt:
                    raise self._conflict(live) from None
                return live.generation
        return int(blob.generation)

    def _conflict(self, live: Stored | None) -> ConcurrentPublish:
        advice = "Check that version, then run the command again."
        return ConcurrentPublish(f"somebody else published to {self.uri} at the same time: {_now(live)}. {advice}")

    def _objects(self) -> "storage.Bucket":
        if self._client is None:
            self._client = storage_client()
        # Not get_bucket(): it needs a permission that no other call needs.
        return self._client.bucket(self._bucket)

    def _blob(self, generation: int | None = None) -> "storage.Blob":
        with bucket_errors(self.uri):
            return self._objects().blob(self._name, generation=generation)


def _now(live: Stored | None) -> str:
    return f"generation {live.generation} is live now" if live else "no generation is live now"


def _stored(blob: Any, live: int | None) -> Stored:
    return Stored(
        generation=int(blob.generation),
        created=blob.time_created,
        size=int(blob.size),
        live=int(blob.generation) == live,
        crc32c=str(blob.crc32c),
        labels=dict(blob.metadata or {}),
    )


def _retry() -> "Retry":
    """Return the policy for transient errors; a write with a precondition is safe to repeat."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    retry: Retry = DEFAULT_RETRY.with_delay(initial=0.2, maximum=4.0, multiplier=2.0).with_timeout(RETRY_SECONDS)
    return retry
