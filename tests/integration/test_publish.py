"""`python -m model_training publish`, run as a person runs it."""

from pathlib import Path

import pytest
from google.cloud import storage
from typer.testing import CliRunner, Result

from model_training.__main__ import app
from model_training.packing import Packed
from tests.local_cloud import Fault, LocalCloud

URI = "gs://models/flight-delay"


def publish(*words: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["publish", *map(str, words)])


def test_the_bundle_is_uploaded_whole(bucket: storage.Bucket, bundle_path: Path, packed: Packed) -> None:
    """And the generation is told."""
    result = publish(bundle_path, "--to", URI)
    blob = bucket.get_blob("flight-delay")
    assert blob is not None
    assert result.exit_code == 0
    assert f"{packed.manifest.version} as generation {blob.generation}" in result.stdout
    assert blob.download_as_bytes() == packed.data


def test_the_address_may_come_from_the_environment(
    bucket: storage.Bucket, bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MODEL_URI, as the function reads it."""
    monkeypatch.setenv("MODEL_URI", URI)
    assert publish(bundle_path).exit_code == 0
    assert bucket.get_blob("flight-delay") is not None


def test_publishing_again_replaces(bucket: storage.Bucket, bundle_path: Path) -> None:
    """The guard is the generation that was live, whatever it was."""
    assert publish(bundle_path, "--to", URI).exit_code == 0
    first = bucket.get_blob("flight-delay")
    assert publish(bundle_path, "--to", URI).exit_code == 0
    second = bucket.get_blob("flight-delay")
    assert first is not None
    assert second is not None
    assert second.generation > first.generation


def test_a_lost_race_changes_nothing(bucket: storage.Bucket, cloud: LocalCloud, bundle_path: Path) -> None:
    """The upload's precondition fails where somebody else was faster."""
    cloud.faults.add(Fault("status", kind="upload", status=412, times=1))
    result = publish(bundle_path, "--to", URI)
    assert result.exit_code == 1
    assert "somebody else published" in result.stderr
    assert bucket.get_blob("flight-delay") is None


def test_a_bad_file_is_not_uploaded(bucket: storage.Bucket, tmp_path: Path, packed: Packed) -> None:
    """What the function would refuse is refused here, for the same reason."""
    path = tmp_path / "bad.zip"
    path.write_bytes(packed.data[:-10])
    result = publish(path, "--to", URI)
    assert result.exit_code == 1
    assert "not a whole zip file" in result.stderr
    assert bucket.get_blob("flight-delay") is None


def test_wrong_words_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle_path: Path) -> None:
    """No file, no address, no bucket."""
    monkeypatch.delenv("MODEL_URI", raising=False)
    assert "can't be read" in publish(tmp_path / "none.zip", "--to", URI).stderr
    assert publish(bundle_path).exit_code == 2
    assert publish(bundle_path, "--to", "somewhere").exit_code == 2


def test_a_bucket_that_is_not_there_is_named(bucket: storage.Bucket, bundle_path: Path) -> None:
    """In a sentence, with exit code 1."""
    result = publish(bundle_path, "--to", "gs://no-such-bucket/model")
    assert result.exit_code == 1
    assert "gs://no-such-bucket/model" in result.stderr
