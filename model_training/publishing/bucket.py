"""The live object in its bucket: every generation of it, and guarded ways to make a new one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from function.live.source import split_bucket_uri, storage_client
from model_training.publishing.bucket_errors import Gone, Outrun, failures

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud import storage

TIMEOUT = (5.0, 60.0)
"""Seconds to connect, and between two reads."""
RETRY_SECONDS = 20.0
CONTENT_TYPE = "application/octet-stream"
ATTEMPT = "attempt"
"""The label by which an upload whose answer was lost knows itself again."""


@dataclass(frozen=True)
class Stored:
    """A generation of the object, as the bucket tells of it."""

    generation: int
    created: datetime
    size: int
    """In bytes."""
    live: bool
    crc32c: str
    labels: Mapping[str, str]
    """What its publisher said of it: whoever uploads may write anything here, so it is for display alone."""


class LiveObject:
    """The object `gs://BUCKET/OBJECT`. Every method may raise BucketProblem."""

    def __init__(self, uri: str) -> None:
        """`uri` is an address that `split_bucket_uri` takes."""
        self.uri = uri
        self._bucket, self._name = split_bucket_uri(uri)
        self._client: storage.Client | None = None

    def live(self) -> Stored | None:
        """Return the live generation; None where there is no object, or no bucket."""
        with failures(self.uri):
            blob = self._objects().get_blob(self._name, timeout=TIMEOUT, retry=_retry())
        return None if blob is None else _stored(blob)

    def versions(self) -> list[Stored]:
        """Return all generations that are kept, newest first."""
        with failures(self.uri):
            blobs = self._objects().list_blobs(prefix=self._name, versions=True, timeout=TIMEOUT, retry=_retry())
            found = [_stored(blob) for blob in blobs if blob.name == self._name]
        return sorted(found, key=lambda stored: -stored.generation)

    def download(self, generation: int) -> bytes:
        """Return the bytes of a generation; the client compares their checksum.

        Raises:
            Gone: it is not kept any more.
        """
        from google.api_core.exceptions import NotFound

        with failures(self.uri):
            try:
                # Raw: what is stored, however it is encoded, is what the function reads.
                data: bytes = self._blob(generation).download_as_bytes(
                    raw_download=True, timeout=TIMEOUT, retry=_retry()
                )
            except NotFound:
                gone = f"generation {generation} of {self.uri} is not kept any more"
                raise Gone(f"{gone}; {_now(self.live())}.") from None
        return data

    def upload(self, data: bytes, labels: Mapping[str, str], if_generation: int) -> int:
        """Make `data` the live generation, if `if_generation` is now (0: if there is none); return the new one.

        Raises:
            Outrun: another generation is live.
        """
        blob = self._blob()

        def send() -> None:
            blob.upload_from_string(
                data, CONTENT_TYPE, if_generation_match=if_generation, timeout=TIMEOUT, retry=_retry()
            )

        return self._guarded(send, blob, labels)

    def copy_to_live(self, generation: int, labels: Mapping[str, str], if_generation: int) -> int:
        """Make a copy of an earlier generation the live one, as `upload` does; the bytes stay in the bucket.

        Raises:
            Outrun: another generation is live.
        """
        blob, source = self._blob(), self._blob(generation)
        # The new object's fields replace the source's all together.
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
        """Write once. A write whose answer was lost is repeated by the client, and then meets itself."""
        from google.api_core.exceptions import PreconditionFailed

        attempt = uuid4().hex
        blob.metadata = {**labels, ATTEMPT: attempt}
        with failures(self.uri):
            try:
                write()
            except PreconditionFailed:
                winner = self.live()
                if winner is None or winner.labels.get(ATTEMPT) != attempt:
                    raise self._outrun(winner) from None
                return winner.generation
        return int(blob.generation)

    def _outrun(self, winner: Stored | None) -> Outrun:
        advice = "Look at what is there, then try again."
        return Outrun(f"somebody else published to {self.uri} meanwhile: {_now(winner)}. {advice}")

    def _objects(self) -> "storage.Bucket":
        if self._client is None:
            self._client = storage_client()
        # Not get_bucket(): that needs a permission which the others do not.
        return self._client.bucket(self._bucket)

    def _blob(self, generation: int | None = None) -> "storage.Blob":
        with failures(self.uri):
            return self._objects().blob(self._name, generation=generation)


def _now(live: Stored | None) -> str:
    return f"generation {live.generation} is live now" if live else "nothing is live now"


def _stored(blob: Any) -> Stored:
    return Stored(
        generation=int(blob.generation),
        created=blob.time_created,
        size=int(blob.size),
        live=blob.time_deleted is None,
        crc32c=str(blob.crc32c),
        labels=dict(blob.metadata or {}),
    )


def _retry() -> "Retry":
    """Retry what may pass; a guarded write is safe to repeat."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    retry: Retry = DEFAULT_RETRY.with_delay(initial=0.2, maximum=4.0, multiplier=2.0).with_timeout(RETRY_SECONDS)
    return retry
