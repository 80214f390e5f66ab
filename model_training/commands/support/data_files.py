"""Find the files of a table: a path, a pattern of paths, or objects of a bucket, which are downloaded."""

import glob
import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from function.live.source import split_bucket_uri
from model_training.commands.support.console import fail, step
from model_training.publishing.bucket_errors import BucketError, bucket_errors
from model_training.publishing.storage import storage_client

if TYPE_CHECKING:
    from google.cloud import storage

    from model_training.data.parts import Parts

DOWNLOADS = Path("build/data")
TIMEOUT = (5.0, 60.0)
"""Timeouts in seconds: to connect, and between two reads."""
WILDCARDS = "*?["


def find_files(address: str) -> "Path | Parts":
    """Return the file or the files at an address; ends the command if there are none.

    Args:
        address: a path or gs://BUCKET/OBJECT; both may be a pattern with the wildcards *, ? and [...].
    """
    from model_training.data.parts import Parts

    if address.startswith("gs://"):
        paths = _download(address)
    elif Path(address).exists() or not _is_pattern(address):
        paths = [Path(address)]  # If it does not exist, reading it fails with the reason.
    else:
        paths = [Path(each) for each in sorted(glob.glob(address)) if Path(each).is_file()]  # noqa: PTH207 (absolute too)
    if not paths:
        fail(f"there is no {'object' if address.startswith('gs://') else 'file'} {address}.")
    return paths[0] if len(paths) == 1 else Parts(address, tuple(paths))


def _is_pattern(address: str) -> bool:
    return any(each in address for each in WILDCARDS)


def _download(uri: str) -> Sequence[Path]:
    """Download the objects at an address, unless they are here already."""
    try:
        bucket, name = split_bucket_uri(uri)
    except ValueError:
        fail(f"{uri} is not the address of data: it must be gs://BUCKET/OBJECT.")
    try:
        with bucket_errors(uri):
            found = _objects(storage_client().bucket(bucket), name)
        return [_local(blob) for blob in found]
    except BucketError as error:
        fail(str(error))


def _objects(bucket: "storage.Bucket", name: str) -> "Sequence[storage.Blob]":
    if not _is_pattern(name):
        blob = bucket.get_blob(name, timeout=TIMEOUT)
        return [] if blob is None else [blob]
    prefix = name[: min(name.find(each) for each in WILDCARDS if each in name)]
    listed = bucket.list_blobs(prefix=prefix, timeout=TIMEOUT)
    return sorted((blob for blob in listed if _matches(blob.name, name)), key=lambda blob: blob.name)


def _matches(name: str, pattern: str) -> bool:
    """Return whether a name matches; as in paths, a wildcard does not match a slash."""
    parts, patterns = name.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _local(blob: "storage.Blob") -> Path:
    """Return the local copy of an object; its modification time is the generation, in microseconds."""
    segments = [blob.bucket.name, *blob.name.split("/")]
    if any(segment in ("", ".", "..") for segment in segments):
        fail(f"gs://{blob.bucket.name}/{blob.name} is not supported: its name has an empty part, . or ..")
    path, modified = DOWNLOADS.joinpath(*segments), int(blob.generation) * 1000
    if path.is_file() and path.stat().st_mtime_ns == modified:
        return path
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with step(f"Downloading {blob.size:,} bytes to {path}"), part.open("xb") as file:
            _fetch(blob, file)
        os.utime(part, ns=(modified, modified))
        part.replace(path)
    except OSError as error:
        fail(f"{path} can't be written: {error.strerror}.")
    finally:
        part.unlink(missing_ok=True)
    return path


def _fetch(blob: "storage.Blob", file: BinaryIO) -> None:
    with bucket_errors(f"gs://{blob.bucket.name}/{blob.name}"):
        blob.download_to_file(file, if_generation_match=blob.generation, timeout=TIMEOUT)
