"""`python -m model_training versions`, run as a person runs it."""

from pathlib import Path

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from tests.local_cloud import Fault, LocalCloud
from tests.support.bad_files import dumped
from tests.support.commands import run, written
from tests.support.foreign_models import truth
from tests.support.variants import of_quality

URI = "gs://models/flight-delay"
NAME = "flight-delay"


@pytest.fixture(autouse=True)
def _address(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is in the environment; the bucket keeps versions."""
    monkeypatch.setenv("MODEL_URI", URI)


def rows() -> list[list[str]]:
    """Return the cells of the table."""
    result = run("versions")
    assert result.exit_code == 0, result.stderr
    lines = [line for line in result.stdout.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_every_generation_is_listed_newest_first(
    bucket: storage.Bucket, cloud: LocalCloud, tmp_path: Path, packed: Packed
) -> None:
    """With version, metric and size, of which the newest is live; none of them is downloaded."""
    for auc in (0.7, 0.8, 0.9):
        assert run("publish", written(tmp_path, of_quality(packed, auc))).exit_code == 0
    blobs = sorted(bucket.list_blobs(versions=True), key=lambda blob: -int(blob.generation))
    cloud.calls.clear()
    listed = rows()
    assert [row[0] for row in listed] == [str(blob.generation) for blob in blobs]
    assert [row[3] for row in listed] == ["roc_auc 0.9000", "roc_auc 0.8000", "roc_auc 0.7000"]
    assert [row[5] for row in listed] == ["live", "", ""]
    assert len({row[1] for row in listed}) == 3
    assert listed[0][2] == f"{blobs[0].time_created:%Y-%m-%d %H:%M:%S}"
    assert listed[0][4].endswith("kB")
    assert cloud.calls.count("download") == 0


def test_files_uploaded_in_another_way_are_read(bucket: storage.Bucket, packed: Packed) -> None:
    """A bundle tells its version, a bare joblib only what its content hashes to, another file why it is unreadable."""
    for content in (packed.data, dumped(truth().model), packed.data[:-10], b""):
        bucket.blob(NAME).upload_from_string(content)
    empty, broken, bare, bundle = rows()
    assert bundle[1] == packed.manifest.version
    assert bundle[3].startswith("roc_auc 0.")
    assert (len(bare[1]), bare[3], bare[6]) == (12, "-", "not a bundle")
    assert broken[1] == "-"
    assert "unreadable: the bundle is not a whole zip file" in broken[6]
    assert empty[5:] == ["live", "not a bundle"]


def test_what_stands_beside_an_object_is_text(bucket: storage.Bucket) -> None:
    """Markup and control characters are shown, not obeyed."""
    blob = bucket.blob(NAME)
    blob.metadata = {"version": "[red]\x1b[31mred"}
    blob.upload_from_string(b"content")
    assert rows()[0][1] == "[red]\ufffd[31mred"


def test_neighbours_are_not_listed(bucket: storage.Bucket) -> None:
    """Names that begin the same are other models."""
    for name in ("flight-delay-2", "flight-delay/2", "flight"):
        bucket.blob(name).upload_from_string(b"content")
    result = run("versions")
    assert (result.exit_code, "nothing has been published there" in result.stderr) == (1, True)


def test_a_deleted_model_keeps_its_versions(bucket: storage.Bucket, tmp_path: Path, packed: Packed) -> None:
    """None of them is live."""
    run("publish", written(tmp_path, packed.data))
    bucket.blob(NAME).delete()
    (row,) = rows()
    assert row[5] == ""


def test_a_lone_version_comes_with_advice(bucket: storage.Bucket, tmp_path: Path, packed: Packed) -> None:
    """Somebody may wonder where the others are."""
    run("publish", written(tmp_path, packed.data))
    assert "object versioning" in run("versions").stdout


def test_failures_are_reported(bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """A bucket that is not there, and one that refuses."""
    missing = run("versions", "--to", "gs://no-such-bucket/model")
    assert (missing.exit_code, "the bucket does not exist" in missing.stderr) == (1, True)
    cloud.faults.add(Fault("status", kind="list", status=403))
    refused = run("versions")
    assert (refused.exit_code, "status 403" in refused.stderr) == (1, True)
