"""Where a model file is: an object in a Cloud Storage bucket, or a path."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from function.errors import Missing, Unreachable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer
    from google.api_core.retry import Retry
    from google.cloud import storage

TIMEOUT = (3.0, 10.0)
"""Seconds to connect, and between two reads."""
RETRY_SECONDS = 3.0
DOWNLOAD_SECONDS = 60.0
"""However slowly the bytes come."""


@dataclass(frozen=True)
class Found:
    """What is at a model's address now."""

    identity: str
    """Differs as soon as the content may differ."""
    generation: int | None
    """The object's generation; None for a path."""
    size: int
    """In bytes."""


class Source(Protocol):
    """An address that a model may be read from."""

    uri: str

    def find(self, known: Found | None = None) -> Found:
        """Read the metadata alone; what is `known` comes back itself where it is still there.

        Raises:
            Missing: nothing is there.
            Unreachable: it could not be told.
        """

    def read(self, found: Found) -> bytes:
        """Read the bytes of what was found.

        Raises:
            Missing: it is there no more.
            Unreachable: the bytes did not arrive, or not whole.
        """


class PathSource:
    """A file on this machine."""

    def __init__(self, uri: str) -> None:
        """`uri` is a path or `file:///PATH`."""
        self.uri = uri
        self._path = Path(unquote(urlsplit(uri).path) if uri.startswith("file://") else uri)

    def find(self, known: Found | None = None) -> Found:
        """Ask for the file's metadata."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            raise Missing(f"there is no file {self._path}") from None
        except OSError as error:
            raise Unreachable(f"{self._path}: {error.strerror}") from None
        return Found(f"{stat.st_ino}-{stat.st_mtime_ns}-{stat.st_size}", None, stat.st_size)

    def read(self, found: Found) -> bytes:
        """Read the file."""
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise Unreachable(f"{self._path}: {error.strerror}") from None


class _Received(io.BytesIO):
    """What has come of a download, which may neither trickle for ever nor outgrow what was announced."""

    def __init__(self, size: int, deadline: float) -> None:
        super().__init__()
        self._size, self._deadline = size, deadline

    def write(self, piece: "Buffer") -> int:
        if time.monotonic() > self._deadline:
            raise TimeoutError
        if self.tell() + len(memoryview(piece)) > self._size:
            raise OverflowError
        return super().write(piece)


class BucketSource:
    """An object in a Cloud Storage bucket, read by a client made on first use."""

    def __init__(self, uri: str) -> None:
        """`uri` is `gs://BUCKET/OBJECT`."""
        self.uri = uri
        self._bucket, self._name = split_bucket_uri(uri)
        self._client: storage.Client | None = None

    def find(self, known: Found | None = None) -> Found:
        """Ask for the object's metadata, on condition that its generation is another than is known."""
        from google.api_core.exceptions import NotModified

        with _failures(self.uri):
            blob = self._blob()
            unknown = known and known.generation
            try:
                blob.reload(if_generation_not_match=unknown, timeout=TIMEOUT, retry=_retry())
            except NotModified:
                assert known is not None  # noqa: S101 (there was a condition)
                return known
            return Found(str(blob.generation), int(blob.generation), int(blob.size))

    def read(self, found: Found) -> bytes:
        """Download that very generation; the client compares its checksum."""
        received = _Received(found.size, time.monotonic() + DOWNLOAD_SECONDS)
        with _failures(self.uri):
            # Raw: what is stored, however it is encoded, is what the size was told of.
            blob = self._blob(found.generation)
            blob.download_to_file(received, raw_download=True, timeout=TIMEOUT, retry=_retry())
        return received.getvalue()

    def _blob(self, generation: int | None = None) -> "storage.Blob":
        if self._client is None:
            self._client = storage_client()
        # Not get_bucket(): that needs a permission which objectViewer does not have.
        return self._client.bucket(self._bucket).blob(self._name, generation=generation)


def open_source(uri: str) -> Source:
    """Tell a bucket's object from a path; nothing is read yet."""
    return BucketSource(uri) if uri.startswith("gs://") else PathSource(uri)


def split_bucket_uri(uri: str) -> tuple[str, str]:
    """Split `gs://BUCKET/OBJECT`.

    Raises:
        ValueError: the address is not of that form.
    """
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not (uri.startswith("gs://") and bucket and name):
        raise ValueError(f"{uri!r} is not gs://BUCKET/OBJECT")
    return bucket, name


def storage_client() -> "storage.Client":
    """Make a Cloud Storage client; its libraries take half a second to import, so only here."""
    from google.cloud import storage

    # An object's address holds no project; without a name here the client would look for one.
    return storage.Client(project="unused")


def _retry() -> "Retry":
    """Retry what is worth it within the few seconds that a waiting caller has."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    retry: Retry = DEFAULT_RETRY.with_delay(initial=0.1, maximum=1.0, multiplier=2.0).with_timeout(RETRY_SECONDS)
    return retry


@contextmanager
def _failures(uri: str) -> Iterator[None]:
    """Name the libraries' failures in our words; their own texts stay out of answers."""
    from google.api_core.exceptions import GoogleAPICallError, NotFound, RetryError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
    from requests.exceptions import RequestException

    try:
        yield
    except NotFound:
        raise Missing(f"there is no object {uri}") from None
    except GoogleAPICallError as error:
        raise Unreachable(f"the bucket answered {error.code} for {uri}") from error
    except GoogleAuthError as error:
        raise Unreachable(f"no credentials for {uri}") from error
    except (RequestException, RetryError, DataCorruption, InvalidResponse, OSError, OverflowError) as error:
        raise Unreachable(f"{uri} did not arrive: {type(error).__name__}") from error
