"""An upload is served, and a bad one changes nothing: real processes, a real bucket server."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from tests.local_cloud import Fault, LocalCloud
from tests.support import variants
from tests.support.bad_files import BAD_FILES
from tests.support.function_process import FunctionProcess
from tests.support.variants import version_of

URI = "gs://models/models/flight-delay"
ROW = {"instances": [{"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}]}
PATIENCE_SECONDS = 60
"""How long a test waits for what must come; no test asserts how soon."""
FROZEN_SECONDS = 16
"""Longer than the pause after which a download counts as stalled, and its retries."""


@pytest.fixture
def live(bucket: storage.Bucket, packed: Packed) -> storage.Blob:
    """The live name, with a good model."""
    blob = bucket.blob("models/flight-delay")
    blob.upload_from_string(packed.data)
    return blob


@pytest.fixture
def function(live: storage.Blob) -> Iterator[FunctionProcess]:
    """A function that looks for a newer model all the time."""
    with FunctionProcess({"MODEL_URI": URI, "MODEL_REFRESH_SECONDS": "0.2"}) as running:
        assert running.client.post("/predict", json=ROW).status_code == 200
        yield running


@pytest.fixture(scope="session")
def successor(packed: Packed) -> bytes:
    """Another version of the same model."""
    return variants.successor(packed)


def eventually(function: FunctionProcess, seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Predict and look at /model until something is seen there; every prediction must succeed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert function.client.post("/predict", json=ROW).status_code == 200
        model: dict[str, Any] = function.client.get("/model").json()
        if seen(model):
            return model
        assert time.monotonic() < deadline, model
        time.sleep(0.05)


def records(function: FunctionProcess, event: str) -> list[dict[str, Any]]:
    """Return the log records of an event."""
    lines = [json.loads(line) for line in function.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def test_an_upload_is_served(function: FunctionProcess, live: storage.Blob, successor: bytes) -> None:
    """Without a restart, and the header says so."""
    live.upload_from_string(successor)
    model = eventually(function, lambda model: model["version"] == version_of(successor))
    assert model["generation"] == live.generation
    assert function.client.post("/predict", json=ROW).headers["x-model-version"] == version_of(successor)
    assert len(records(function, "model_live")) == 2


SMALL_BAD_FILES = sorted(set(BAD_FILES) - {"bomb", "large noise", "too large"})


def test_a_bad_upload_changes_nothing(
    function: FunctionProcess, live: storage.Blob, packed: Packed, successor: bytes, cloud: LocalCloud
) -> None:
    """Each leaves the old model and a reason, is downloaded and logged once; a good one is then served."""
    for number, name in enumerate(SMALL_BAD_FILES, start=1):
        make, reason = BAD_FILES[name]
        live.upload_from_string(make(packed))
        cloud.calls.clear()
        generation = live.generation
        model = eventually(function, lambda m, g=generation: (m["refused"] or {}).get("generation") == g)  # type: ignore[misc]
        assert re.search(reason, model["refused"]["reason"]), name
        assert model["version"] == packed.manifest.version
        assert cloud.calls.count("download") == 1
        assert len(records(function, "model_refused")) == number
    live.upload_from_string(successor)
    model = eventually(function, lambda model: model["version"] == version_of(successor))
    assert model["refused"] is None


def test_a_zip_bomb_changes_nothing(function: FunctionProcess, live: storage.Blob, packed: Packed) -> None:
    """Five gigabytes in twenty megabytes."""
    live.upload_from_string(BAD_FILES["bomb"][0](packed))
    model = eventually(function, lambda model: model["refused"] is not None)
    assert "inflates to more than" in model["refused"]["reason"]
    assert model["version"] == packed.manifest.version


OUTAGES = {
    "storm": Fault("status", status=503, times=20),
    "forbidden": Fault("status", status=403, times=4),
    "gone": Fault("gone", times=20),
    "cut": Fault("cut", kind="download", after=3000, times=2),
    "corrupt": Fault("corrupt", kind="download", after=3000, times=2),
    "stalled": Fault("stall", kind="download", after=3000, times=1, seconds=15),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_is_sat_out(
    function: FunctionProcess, live: storage.Blob, packed: Packed, successor: bytes, cloud: LocalCloud, name: str
) -> None:
    """The old model goes on, nothing is refused, and the same generation is served without another upload."""
    live.upload_from_string(successor)
    cloud.faults.add(OUTAGES[name])
    model = eventually(function, lambda model: model["version"] == version_of(successor))
    assert model["generation"] == live.generation
    assert records(function, "model_refused") == []
    assert len(records(function, "model_live")) == 2


def test_a_deleted_object_leaves_the_old_model(
    function: FunctionProcess, live: storage.Blob, packed: Packed, successor: bytes
) -> None:
    """With the reason; what is uploaded next is served."""
    live.delete()
    model = eventually(function, lambda model: model["unreachable"] is not None)
    assert "there is no object" in model["unreachable"]["reason"]
    assert model["version"] == packed.manifest.version
    live.upload_from_string(successor)
    eventually(function, lambda model: model["version"] == version_of(successor))


def test_an_upload_during_the_download_ends_with_the_newest(
    function: FunctionProcess, live: storage.Blob, packed: Packed, successor: bytes, cloud: LocalCloud
) -> None:
    """The one that is overtaken is never refused."""
    stalled = cloud.faults.add(Fault("stall", kind="download", after=3000, times=1))
    live.upload_from_string(BAD_FILES["truncated"][0](packed))
    cloud.calls.clear()
    eventually(function, lambda _: cloud.calls.count("download") > 0)
    live.upload_from_string(successor)
    stalled.release()
    eventually(function, lambda model: model["version"] == version_of(successor))


def test_a_process_frozen_in_a_refresh_goes_on(
    function: FunctionProcess, live: storage.Blob, packed: Packed, successor: bytes, cloud: LocalCloud
) -> None:
    """As the platform freezes one between requests: the next response is right, and the next refresh works."""
    stalled = cloud.faults.add(Fault("stall", kind="download", after=3000, times=1))
    live.upload_from_string(successor)
    cloud.calls.clear()
    eventually(function, lambda _: cloud.calls.count("download") > 0)
    os.killpg(function.pid, signal.SIGSTOP)
    time.sleep(FROZEN_SECONDS)
    stalled.release()
    os.killpg(function.pid, signal.SIGCONT)
    answer = function.client.post("/predict", json=ROW)
    assert answer.status_code == 200
    assert answer.headers["x-model-version"] in {packed.manifest.version, version_of(successor)}
    eventually(function, lambda model: model["version"] == version_of(successor))
    assert records(function, "model_refused") == []


def test_asking_for_the_model_brings_it_in(live: storage.Blob, packed: Packed) -> None:
    """Nobody has to predict first."""
    with FunctionProcess({"MODEL_URI": URI}) as function:
        assert function.client.get("/model").json()["version"] == packed.manifest.version


def test_the_frameworks_execution_ids_do_not_silence_the_log(
    bucket: storage.Bucket, packed: Packed, successor: bytes
) -> None:
    """With LOG_EXECUTION_ID, as Terraform sets it, each of the three records is written, with its trace."""
    blob = bucket.blob("models/flight-delay")
    trace = "0123456789abcdef0123456789abcdef"
    environment = {
        "MODEL_URI": URI,
        "MODEL_REFRESH_SECONDS": "0.2",
        "LOG_EXECUTION_ID": "true",
        "TRACE_PROJECT": "my-project",
    }
    with FunctionProcess(environment) as function:
        function.client.headers["X-Cloud-Trace-Context"] = f"{trace}/1;o=1"
        assert function.client.post("/predict", json=ROW).status_code == 503
        blob.upload_from_string(packed.data)
        time.sleep(1)  # Until then, requests are refused without another look at the bucket.
        eventually(function, lambda model: model["version"] == packed.manifest.version)
        blob.upload_from_string(b"bad")
        eventually(function, lambda model: model["refused"] is not None)
        blob.upload_from_string(successor)
        eventually(function, lambda model: model["version"] == version_of(successor))
        for event, severity, count in (
            ("model_missing", "WARNING", 1),
            ("model_live", "INFO", 2),
            ("model_refused", "WARNING", 1),
        ):
            found = records(function, event)
            assert len(found) == count
            assert {record["severity"] for record in found} == {severity}
            assert {record["logging.googleapis.com/trace"] for record in found} == {
                f"projects/my-project/traces/{trace}"
            }
            assert all({"generation", "version"} <= set(record) for record in found)


def test_all_workers_and_processes_converge(live: storage.Blob, successor: bytes) -> None:
    """Each process looks for itself; none is left behind."""
    environment = {"MODEL_URI": URI, "MODEL_REFRESH_SECONDS": "0.2"}
    with ExitStack() as stack:
        two_workers = FunctionProcess({**environment, "WORKERS": "2"})
        processes = [two_workers, *(FunctionProcess(environment) for _ in range(9))]
        for process in processes:
            stack.enter_context(process)
            assert process.client.post("/predict", json=ROW).status_code == 200
        live.upload_from_string(successor)
        for process in processes:
            settled(process, version_of(successor))


def settled(process: FunctionProcess, version: str) -> None:
    """Send requests on new connections until many responses in a row have the version."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    in_a_row = 0
    while in_a_row < 20:
        response = process.ask_anew("/predict", ROW)
        assert response.status_code == 200
        in_a_row = in_a_row + 1 if response.headers["x-model-version"] == version else 0
        assert time.monotonic() < deadline
