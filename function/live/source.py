"""Sources of model files: an object in a Cloud Storage bucket, or a path."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from msgspec import DecodeError, Struct

from function.errors import Missing, Unreachable

if TYPE_CHECKING:
    from function.live.bucket import ObjectReader

NOT_FOUND = 404


class FileVersion(Struct, frozen=True):
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


class BucketSource:
    """An object in a Cloud Storage bucket; its reader is created on first use."""

    def __init__(self, uri: str) -> None:
        """Set the address, `gs://BUCKET/OBJECT`."""
        self.uri = uri
        self._bucket, self._name = split_bucket_uri(uri)
        self._reader: ObjectReader | None = None

    def find(self, known: FileVersion | None = None) -> FileVersion:
        """Read the object's metadata, on condition that its generation differs from the known one.

        If none is known, its content is requested at the same time.
        """
        with self._object() as reader:
            found = reader.metadata(known.generation) if known and known.generation else reader.open()
            if found is None:
                assert known is not None  # noqa: S101 (the request was conditional)
                return known
            return FileVersion(found.generation, int(found.generation), int(found.size))

    def read(self, file: FileVersion) -> bytes:
        """Download exactly that generation, and verify its checksum."""
        assert file.generation is not None  # noqa: S101 (an object has one)
        with self._object() as reader:
            return reader.content(file.generation, file.size)

    @contextmanager
    def _object(self) -> "Iterator[ObjectReader]":
        """Convert the failures of a reader to ours, because their messages must not appear in responses."""
        # Imported here, because a model on this machine needs no bucket.
        from http.client import HTTPException

        from function.live.bucket import Answered, Damaged, ObjectReader
        from function.live.credentials import NotAuthorized

        # After a failure the next try has a new connection, and asks for a new token.
        reader, self._reader = self._reader or ObjectReader(self._bucket, self._name, os.environ), None
        try:
            yield reader
        except Answered as error:
            if error.status == NOT_FOUND:
                raise Missing(f"there is no object {self.uri}") from None
            raise Unreachable(f"the bucket answered {error.status} for {self.uri}") from error
        except NotAuthorized as error:
            raise Unreachable(f"no valid credentials for {self.uri}") from error
        except (Damaged, OSError, HTTPException, DecodeError) as error:
            raise Unreachable(f"{self.uri} could not be read: {type(error).__name__}") from error
        self._reader = reader


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
