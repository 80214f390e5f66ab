"""function/live/source.py: paths; buckets are in tests/integration."""

from pathlib import Path

import pytest

from function.errors import Missing, Unreachable
from function.live.source import BucketSource, PathSource, open_source, split_bucket_uri


def test_the_address_determines_the_source() -> None:
    """gs:// is a bucket, anything else a path."""
    assert isinstance(open_source("gs://bucket/object"), BucketSource)
    assert isinstance(open_source("file:///model.zip"), PathSource)
    assert isinstance(open_source("model.zip"), PathSource)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_path_is_found_and_read(tmp_path: Path, scheme: str) -> None:
    """As a plain path or a file:// address, percent-encoded."""
    path = tmp_path / "a model.zip"
    path.write_bytes(b"content")
    source = open_source(f"{scheme}{str(path).replace(' ', '%20') if scheme else path}")
    found = source.find()
    assert (found.generation, found.size) == (None, 7)
    assert source.read(found) == b"content"


def test_another_file_has_another_identity(tmp_path: Path) -> None:
    """So that a replaced file is noticed."""
    path = tmp_path / "model.zip"
    path.write_bytes(b"one")
    first = PathSource(str(path)).find()
    path.unlink()
    path.write_bytes(b"longer")
    assert PathSource(str(path)).find().identity != first.identity


def test_no_file_is_missing(tmp_path: Path) -> None:
    """Which is not a failure of the disk."""
    with pytest.raises(Missing):
        PathSource(str(tmp_path / "none")).find()


def test_a_path_that_cannot_be_read_is_unreachable(tmp_path: Path) -> None:
    """A folder, a file that went away, a path through a file."""
    found = PathSource(str(tmp_path)).find()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unreachable):
        PathSource(str(tmp_path)).read(found)
    with pytest.raises(Unreachable):
        PathSource(str(tmp_path / "file" / "below")).find()


@pytest.mark.parametrize("uri", ["gs://", "gs://bucket", "gs://bucket/", "gs:///object", "bucket/object", ""])
def test_an_invalid_address_is_an_error(uri: str) -> None:
    """Bucket and object must both be there."""
    with pytest.raises(ValueError, match="gs://BUCKET/OBJECT"):
        split_bucket_uri(uri)
