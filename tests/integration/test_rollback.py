"""`python -m model_training rollback`, run as a person runs it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from tests.local_cloud import Fault, LocalCloud
from tests.support.bad_files import dumped, with_other_golden_rows
from tests.support.commands import run, written
from tests.support.foreign_models import truth
from tests.support.variants import of_quality, variant

URI = "gs://models/flight-delay"
NAME = "flight-delay"


@pytest.fixture(autouse=True)
def _address(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is in the environment; the bucket keeps versions."""
    monkeypatch.setenv("MODEL_URI", URI)


def upload(bucket: storage.Bucket, *contents: bytes) -> list[int]:
    """Make generations as `gcloud storage cp` does; return them."""
    generations = []
    for content in contents:
        blob = bucket.blob(NAME)
        blob.upload_from_string(content)
        generations.append(int(blob.generation))
    return generations


def live(bucket: storage.Bucket) -> bytes:
    """Download what is live."""
    data: bytes = bucket.blob(NAME).download_as_bytes()
    return data


def kept(bucket: storage.Bucket) -> list[int]:
    """Return all generations, oldest first."""
    return sorted(int(blob.generation) for blob in bucket.list_blobs(versions=True))


def test_the_version_before_comes_back(bucket: storage.Bucket, tmp_path: Path, packed: Packed) -> None:
    """As a new generation, a copy made in the bucket; the history grows by one, and tells the version."""
    old, new = of_quality(packed, 0.8), of_quality(packed, 0.9)
    for data in (old, new):
        run("publish", written(tmp_path, data))
    before = kept(bucket)
    result = run("rollback")
    after = kept(bucket)
    assert (result.exit_code, live(bucket)) == (0, old)
    assert after[:-1] == before
    assert f"generation {after[-1]} of {URI} is a copy of generation {before[0]}" in result.stdout
    first, last = (bucket.get_blob(NAME, generation=generation) for generation in (before[0], after[-1]))
    assert first is not None
    assert last is not None
    assert {**last.metadata, "attempt": ""} == {**first.metadata, "attempt": ""}
    assert last.content_type == "application/octet-stream"


def test_a_rollback_can_be_rolled_back(bucket: storage.Bucket, packed: Packed) -> None:
    """The newest that differs from what is live is the one before the first rollback."""
    old, new = of_quality(packed, 0.8), of_quality(packed, 0.9)
    upload(bucket, old, new)
    assert [(run("rollback").exit_code, live(bucket)) for _ in range(3)] == [(0, old), (0, new), (0, old)]
    assert len(kept(bucket)) == 5


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"hello"])
def test_an_unreadable_live_model_is_rolled_back(bucket: storage.Bucket, packed: Packed, content: bytes) -> None:
    """That is what it is for."""
    upload(bucket, packed.data, content)
    assert run("rollback").exit_code == 0
    assert live(bucket) == packed.data


def test_what_can_not_be_served_is_passed_over(bucket: storage.Bucket, cloud: LocalCloud, packed: Packed) -> None:
    """Each with its reason; also, without a download, one whose content is already live."""
    now = of_quality(packed, 0.9)
    bare = dumped(truth().model)
    passed = upload(bucket, bare, now, with_other_golden_rows(packed), packed.data[:-10], b"hello", now)[2:5]
    cloud.calls.clear()
    result = run("rollback")
    assert cloud.calls.count("download") == 5
    assert (result.exit_code, live(bucket)) == (0, bare)
    for generation in passed:
        assert f"generation {generation} is skipped: " in result.stderr
    assert result.stderr.count("is skipped") == 3


def test_the_same_model_made_at_another_time_is_passed_over(bucket: storage.Bucket, packed: Packed) -> None:
    """It has the same version: there would be nothing to see."""
    again = variant(packed, created=datetime(2020, 1, 1, tzinfo=timezone.utc))
    upload(bucket, of_quality(packed, 0.9), again, packed.data)
    assert again != packed.data
    assert run("rollback").exit_code == 0
    assert live(bucket) == of_quality(packed, 0.9)


def test_a_deleted_model_comes_back(bucket: storage.Bucket, packed: Packed) -> None:
    """Over nothing."""
    upload(bucket, packed.data)
    bucket.blob(NAME).delete()
    assert run("rollback").exit_code == 0
    assert live(bucket) == packed.data


def test_a_generation_may_be_named(bucket: storage.Bucket, packed: Packed) -> None:
    """Whatever lies between."""
    contents = [of_quality(packed, auc) for auc in (0.7, 0.8, 0.9)]
    generations = upload(bucket, *contents)
    assert run("rollback", generations[0]).exit_code == 0
    assert live(bucket) == contents[0]


def test_an_unknown_generation_is_told_with_those_there_are(bucket: storage.Bucket, packed: Packed) -> None:
    """And nothing changes."""
    old, new = upload(bucket, packed.data, of_quality(packed, 0.9))
    result = run("rollback", 12345)
    assert result.exit_code == 1
    assert f"{URI} has no generation 12345; it has {new} (live), {old}." in result.stderr
    assert kept(bucket) == [old, new]


def test_the_live_generation_is_no_earlier_one(bucket: storage.Bucket, packed: Packed) -> None:
    """Nothing is copied onto itself."""
    (generation,) = upload(bucket, packed.data)
    result = run("rollback", generation)
    assert (result.exit_code, "is already live" in result.stderr) == (1, True)


def test_a_named_generation_must_be_servable(bucket: storage.Bucket, packed: Packed) -> None:
    """It is tried as a new model is."""
    bad, _ = upload(bucket, with_other_golden_rows(packed), packed.data)
    result = run("rollback", bad)
    assert result.exit_code == 1
    assert (
        f"not rolled back, because the function would refuse generation {bad}: the golden rows get other labels"
        in result.stderr
    )
    assert live(bucket) == packed.data


def test_there_may_be_nothing_to_go_back_to(bucket: storage.Bucket, packed: Packed) -> None:
    """No generation at all, or only the live one."""
    assert "no earlier version" in run("rollback").stderr
    upload(bucket, packed.data)
    result = run("rollback")
    assert (result.exit_code, "no earlier version" in result.stderr) == (1, True)


def test_a_lost_race_is_told(bucket: storage.Bucket, cloud: LocalCloud, packed: Packed) -> None:
    """Somebody publishes after the list was read: theirs stays, and is named."""
    upload(bucket, packed.data, of_quality(packed, 0.9))
    theirs = of_quality(packed, 0.95)
    put = bucket.client.bucket("models").blob(NAME)
    held = cloud.faults.add(Fault("stall", kind="list"))
    cloud.calls.clear()
    with ThreadPoolExecutor(1) as pool:
        rolling = pool.submit(run, "rollback")
        cloud.calls.wait("list")
        put.upload_from_string(theirs)
        held.release()
        result = rolling.result()
    assert result.exit_code == 1
    assert f"generation {put.generation} is live now" in result.stderr
    assert live(bucket) == theirs


def test_a_copy_whose_answer_is_lost_is_known_again(bucket: storage.Bucket, cloud: LocalCloud, packed: Packed) -> None:
    """The client repeats it and meets its own generation."""
    upload(bucket, packed.data, of_quality(packed, 0.9))
    cloud.faults.add(Fault("cut", kind="copy", times=1))
    assert run("rollback").exit_code == 0
    assert live(bucket) == packed.data
    assert len(kept(bucket)) == 3


def test_failures_are_told(bucket: storage.Bucket, cloud: LocalCloud, packed: Packed) -> None:
    """A bucket that refuses the copy; nothing has changed."""
    upload(bucket, packed.data, of_quality(packed, 0.9))
    cloud.faults.add(Fault("status", kind="copy", status=403))
    result = run("rollback")
    assert (result.exit_code, "status 403" in result.stderr) == (1, True)
    assert len(kept(bucket)) == 2
