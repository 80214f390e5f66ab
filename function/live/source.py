"""Sources of model files: an object in a Cloud Storage bucket, or a path."""

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
"""Seconds for a request and its retries."""
DOWNLOAD_SECONDS = 60.0
"""Seconds for a whole download."""


@dataclass(frozen=True)
class FileVersion:
    """A version of the file at a model's address."""

    identity: str
    """A value that differs whenever the content may differ."""
    generation: int | None
    """The object's generation; None for a path."""
    size: int
    """The size in bytes."""


class Source(Protocol):
    """An address from which a model file can be read."""

    uri: str

    def find(self, known: FileVersion | None = None) -> FileVersion:
        """Read the metadata only; return `known` itself if that is still the current version.

        Raises:
            Missing: there is no file.
            Unreachable: the metadata could not be read.
        """

    def read(self, file: FileVersion) -> bytes:
        """Read the bytes of a version of the file.

        Raises:
            Missing: the version no longer exists.
            Unreachable: the download failed or was incomplete.
        """


class PathSource:
    """A file on this machine."""

    def __init__(self, uri: str) -> None:
        """Set the address, a path or `file:///PATH`."""
        self.uri = uri
        self._path = Path(unquote(urlsplit(uri).path) if uri.startswith("file://") else uri)

    def find(self, known: FileVersion | None = None) -> FileVersion:
        """Read the file's metadata."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            raise Missing(f"there is no file {self._path}") from None
        except OSError as error:
            raise Unreachable(f"{self._path}: {error.strerror}") from None
        return FileVersion(f"{stat.st_ino}-{stat.st_mtime_ns}-{stat.st_size}", None, stat.st_size)

    def read(self, file: FileVersion) -> bytes:
        """Read the file."""
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise Unreachable(f"{self._path}: {error.strerror}") from None


class _DownloadBuffer(io.BytesIO):
    """The bytes of a download; writing fails past the deadline, or past the size in the metadata."""

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
    """An object in a Cloud Storage bucket; its client is created on first use."""

    def __init__(self, uri: str) -> None:
        """Set the address, `gs://BUCKET/OBJECT`."""
        self.uri = uri
        self._bucket, self._name = split_bucket_uri(uri)
        self._client: storage.Client | None = None

    def find(self, known: FileVersion | None = None) -> FileVersion:
        """Read the object's metadata, on condition that its generation differs from the known one."""
        from google.api_core.exceptions import NotModified

        with _failures(self.uri):
            blob = self._blob()
            generation = known and known.generation
            try:
                blob.reload(if_generation_not_match=generation, timeout=TIMEOUT, retry=_retry())
            except NotModified:
                assert known is not None  # noqa: S101 (the request was conditional)
                return known
            return FileVersion(str(blob.generation), int(blob.generation), int(blob.size))

    def read(self, file: FileVersion) -> bytes:
        """Download exactly that generation; the client verifies its checksum."""
        received = _DownloadBuffer(file.size, time.monotonic() + DOWNLOAD_SECONDS)
        with _failures(self.uri):
            # Raw: the size in the metadata is that of the stored bytes, before any decompression.
            blob = self._blob(file.generation)
            blob.download_to_file(received, raw_download=True, timeout=TIMEOUT, retry=_retry())
        return received.getvalue()

    def _blob(self, generation: int | None = None) -> "storage.Blob":
        if self._client is None:
            self._client = storage_client()
        # Not get_bucket(): the role objectViewer does not include its permission.
        return self._client.bucket(self._bucket).blob(self._name, generation=generation)


def open_source(uri: str) -> Source:
    """Create the source of an address, a bucket's object or a path; nothing is read yet.

    Raises:
        ValueError: the address has another form.
    """
    if uri.startswith("gs://"):
        return BucketSource(uri)
    if "://" in uri and not uri.startswith("file:///"):
        raise ValueError(f"{uri!r} is neither gs://BUCKET/OBJECT, nor file:///PATH, nor a path")
    return PathSource(uri)


def split_bucket_uri(uri: str) -> tuple[str, str]:
    """Split `gs://BUCKET/OBJECT`.

    Raises:
        ValueError: the address has another form.
    """
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not (uri.startswith("gs://") and bucket and name):
        raise ValueError(f"{uri!r} is not of the form gs://BUCKET/OBJECT")
    return bucket, name


def storage_client() -> "storage.Client":
    """Create a Cloud Storage client; imports its libraries here, which takes half a second."""
    from google.cloud import storage

    # An object's address has no project, but without one here the client would search for it.
    return storage.Client(project="unused")


def _retry() -> "Retry":
    """Return the retry policy, which is short because a caller waits."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    retry: Retry = DEFAULT_RETRY.with_delay(initial=0.1, maximum=1.0, multiplier=2.0).with_timeout(RETRY_SECONDS)
    return retry


@contextmanager
def _failures(uri: str) -> Iterator[None]:
    """Convert the failures of the libraries to ours, because their messages must not appear in responses."""
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
        raise Unreachable(f"no valid credentials for {uri}") from error
    except (RequestException, RetryError, DataCorruption, InvalidResponse, OSError, OverflowError) as error:
        raise Unreachable(f"{uri} could not be read: {type(error).__name__}") from error
