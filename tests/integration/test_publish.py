"""`python -m model_training publish`, run as a person runs it."""

from pathlib import Path

import pytest
from google.cloud import storage
from typer.testing import Result

from model_training.bundling.building import Packed
from tests.local_cloud import Fault, LocalCloud
from tests.support.bad_files import MAX_MODEL_BYTES
from tests.support.commands import run, written
from tests.support.variants import large

URI = "gs://models/flight-delay"


def publish(*words: str | Path) -> Result:
    """Run the command."""
    return run("publish", *words)


def test_the_bundle_is_uploaded_whole(bucket: storage.Bucket, bundle_path: Path, packed: Packed) -> None:
    """And the generation is printed."""
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


def test_a_first_model_is_published_where_there_is_none(bucket: storage.Bucket, bundle_path: Path) -> None:
    """And what is there already stays."""
    assert publish(bundle_path, "--to", URI, "--if-none").exit_code == 0
    first = bucket.get_blob("flight-delay")
    again = publish(bundle_path, "--to", URI, "--if-none")
    second = bucket.get_blob("flight-delay")
    assert first is not None
    assert second is not None
    assert second.generation == first.generation
    assert f"{URI} already has a model (generation {first.generation}): nothing was published." in again.stdout


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


def test_wrong_options_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle_path: Path) -> None:
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


def test_what_publish_knows_stands_beside_the_object(bucket: storage.Bucket, bundle_path: Path, packed: Packed) -> None:
    """Version, name and metric, for lists."""
    publish(bundle_path, "--to", URI)
    blob = bucket.get_blob("flight-delay")
    assert blob is not None
    assert blob.metadata["version"] == packed.manifest.version
    assert blob.metadata["name"] == packed.manifest.name
    assert blob.metadata["metric"] == f"roc_auc {packed.manifest.metrics['roc_auc']:.4f}"


def test_a_large_bundle_is_uploaded_in_pieces(
    bucket: storage.Bucket, cloud: LocalCloud, tmp_path: Path, packed: Packed
) -> None:
    """And arrives whole."""
    data = large(packed, 0.8)
    assert publish(written(tmp_path, data), "--to", URI).exit_code == 0
    assert cloud.calls.count("upload") == 2
    assert bucket.blob("flight-delay").download_as_bytes() == data


@pytest.mark.parametrize("size", [None, 2**20 * 20], ids=["at once", "in pieces"])
def test_an_upload_whose_answer_is_lost_is_known_again(
    bucket: storage.Bucket, cloud: LocalCloud, tmp_path: Path, packed: Packed, size: int | None
) -> None:
    """The client repeats it and meets its own generation, which nobody else has published."""
    data = packed.data if size is None else large(packed, 0.8, size)
    if size is not None:
        cloud.faults.add(Fault("stall", kind="upload", seconds=0, times=1))
    cloud.faults.add(Fault("cut", kind="upload", times=1))
    result = publish(written(tmp_path, data), "--to", URI)
    blob = bucket.get_blob("flight-delay")
    assert blob is not None
    assert (result.exit_code, f"generation {blob.generation}" in result.stdout) == (0, True)
    assert blob.download_as_bytes() == data


def test_a_passing_outage_is_sat_out(bucket: storage.Bucket, cloud: LocalCloud, bundle_path: Path) -> None:
    """One 503 of each kind of call."""
    publish(bundle_path, "--to", URI)
    for kind in ("metadata", "download", "upload"):
        cloud.faults.add(Fault("status", kind=kind, status=503, times=1))
    assert publish(bundle_path, "--to", URI).exit_code == 0


@pytest.mark.parametrize("kind", ["metadata", "download", "upload"])
def test_what_the_bucket_refuses_is_reported(
    bucket: storage.Bucket, cloud: LocalCloud, bundle_path: Path, kind: str
) -> None:
    """A 403 is an error message and exit code 1, whichever call gets it."""
    publish(bundle_path, "--to", URI)
    cloud.faults.add(Fault("status", kind=kind, status=403))
    result = publish(bundle_path, "--to", URI)
    assert (result.exit_code, f"{URI}: Cloud Storage responded with status 403" in result.stderr) == (1, True)


def test_missing_credentials_are_reported(bundle_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what to type."""
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    result = publish(bundle_path, "--to", URI)
    assert (result.exit_code, "gcloud auth application-default login" in result.stderr) == (1, True)


def test_the_largest_file_is_that_of_the_functions_setting(
    bucket: storage.Bucket, bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which the environment has under the same name; also in the process that tries the model."""
    monkeypatch.setenv("MAX_MODEL_BYTES", "1000")
    result = publish(bundle_path, "--to", URI)
    assert (result.exit_code, "over MAX_MODEL_BYTES (1,000)" in result.stderr) == (1, True)
    monkeypatch.setenv("MAX_MODEL_BYTES", str(bundle_path.stat().st_size))
    result = publish(bundle_path, "--to", URI)  # Its content inflates to more.
    assert (result.exit_code, "inflates to more than" in result.stderr) == (1, True)
    monkeypatch.setenv("MAX_MODEL_BYTES", "many")
    result = publish(bundle_path, "--to", URI)
    assert (result.exit_code, "must be a number of bytes" in result.stderr) == (1, True)
    monkeypatch.setenv("MAX_MODEL_BYTES", "10000000")
    assert publish(bundle_path, "--to", URI).exit_code == 0


def test_a_file_that_is_too_large_is_refused(bucket: storage.Bucket, tmp_path: Path) -> None:
    """As the function does, by its size alone."""
    result = publish(written(tmp_path, bytes(MAX_MODEL_BYTES + 1)), "--to", URI)
    assert (result.exit_code, "over MAX_MODEL_BYTES" in result.stderr) == (1, True)
