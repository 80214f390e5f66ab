"""Publishers that race, and publishers that are killed, each a real process."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from tests.local_cloud import Fault, LocalCloud
from tests.support.commands import run, start, written
from tests.support.variants import large, of_quality

URI = "gs://models/flight-delay"
SETTLE_SECONDS = 2


@pytest.fixture(autouse=True)
def _address(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_URI", URI)


def live(bucket: storage.Bucket) -> tuple[int, bytes]:
    """Return the generation and the bytes of what is live."""
    blob = bucket.get_blob("flight-delay")
    assert blob is not None
    return int(blob.generation), blob.download_as_bytes()


@pytest.mark.parametrize("kept", [False, True], ids=["unversioned", "versioned"])
@pytest.mark.parametrize(("before", "kind"), [(False, "metadata"), (True, "download")])
def test_of_two_publishers_one_wins(
    bucket: storage.Bucket, cloud: LocalCloud, packed: Packed, tmp_path: Path, kind: str, *, before: bool, kept: bool
) -> None:
    """Both have passed the gate against one generation; the other reports which one won."""
    bucket.versioning_enabled = kept
    bucket.patch()
    if before:
        run("publish", written(tmp_path, packed.data))
    cloud.calls.clear()
    cloud.faults.add(Fault("stall", kind=kind))
    files = [written(tmp_path, of_quality(packed, auc), f"{auc}.zip") for auc in (0.8, 0.8001)]
    publishers = [start("publish", path) for path in files]
    cloud.calls.wait(kind, count=2, timeout=60)
    cloud.faults.clear()
    outcomes = [(publisher.communicate(timeout=60), publisher.returncode) for publisher in publishers]
    generation, content = live(bucket)
    assert sorted(code for _, code in outcomes) == [0, 1]
    for ((out, err), code), path in zip(outcomes, files, strict=True):
        if code == 0:
            assert f"as generation {generation} of" in out
            assert content == path.read_bytes()
        else:
            assert f"generation {generation} is live now" in err


@dataclass(frozen=True)
class Moment:
    """When to kill: as the bucket has seen so many calls of a kind, with faults that hold things up there."""

    kind: str | None
    count: int = 1
    faults: tuple[Fault, ...] = ()
    large: bool = False
    outcome: str = "old"


HELD = Fault("stall", kind="upload")
PASSED = Fault("stall", kind="upload", seconds=0, times=1)
MOMENTS = {
    "importing": Moment(None),
    "trying": Moment("trial"),
    "the response with the live generation is held": Moment("metadata", 1, (Fault("stall", kind="metadata"),)),
    "the live model does not come yet": Moment("download", 1, (Fault("stall", kind="download"),)),
    "half of the live model is there": Moment("download", 1, (Fault("stall", kind="download", after=1000),)),
    "sending": Moment("upload", 1, outcome="either"),
    "sent, and the response is held": Moment("upload", 1, (HELD,), outcome="new"),
    "a large upload is announced": Moment("upload", 1, (HELD,), large=True),
    "sending a large upload": Moment("upload", 2, large=True, outcome="either"),
    "a large one is sent, and the response is held": Moment("upload", 2, (PASSED, HELD), large=True, outcome="new"),
}


@pytest.fixture
def publishers() -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that must not outlive the test."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for publisher in started:
        publisher.kill()
        publisher.communicate()


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_killed_publisher_leaves_a_whole_model(
    bucket: storage.Bucket,
    cloud: LocalCloud,
    packed: Packed,
    tmp_path: Path,
    moment: Moment,
    publishers: list["subprocess.Popen[str]"],
) -> None:
    """The one that was live, or the new one to the last byte."""
    run("publish", written(tmp_path, packed.data))
    new = large(packed, 0.8) if moment.large else of_quality(packed, 0.8)
    allowed = {"old": [packed.data], "new": [new], "either": [packed.data, new]}[moment.outcome]
    cloud.calls.clear()
    for fault in moment.faults:
        cloud.faults.add(fault)
    publishers.append(start("publish", written(tmp_path, new, "new.zip")))
    arrive(cloud, moment, publishers[0])
    publishers[0].kill()
    assert publishers[0].wait(10) < 0
    cloud.faults.clear()
    deadline = time.monotonic() + SETTLE_SECONDS
    while live(bucket)[1] not in allowed and time.monotonic() < deadline:
        time.sleep(0.05)
    assert live(bucket)[1] in allowed
    # Nothing is left that would hold up the next one.
    assert run("publish", tmp_path / "new.zip").exit_code == 0
    assert live(bucket)[1] == new


def arrive(cloud: LocalCloud, moment: Moment, publisher: "subprocess.Popen[str]") -> None:
    """Wait for the moment."""
    children = Path(f"/proc/{publisher.pid}/task/{publisher.pid}/children")
    if moment.kind is None:
        time.sleep(0.3)
    elif moment.kind == "trial":
        deadline = time.monotonic() + 30
        while not children.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    else:
        cloud.calls.wait(moment.kind, count=moment.count, timeout=60)
        time.sleep(0.1 if moment.faults else 0)
