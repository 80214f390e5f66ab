"""`tune`: the same search wherever it runs, and what it found is what `train --params` fits."""

import json
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pytest
from distributed import Client

from tests.support.commands import finish, run, start
from tests.support.function_process import ROOT, uncovered
from tests.support.ports import free_port
from tests.support.tables import parcels

WITHOUT_PROJECT = ROOT / "tests" / "support" / "without_project"
SMALL = ("--rows", 2000, "--candidates", 9, "--seed", 3)


def tune(out: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    return finish("tune", "--out", out, *words)


def dask(*words: object) -> "subprocess.Popen[bytes]":
    """Start a process of a Dask cluster."""
    command = [sys.executable, "-m", "distributed.cli." + str(words[0]), *map(str, words[1:])]
    # It keeps its files elsewhere than in the project.
    environment = {**uncovered(), "DASK_DISTRIBUTED__DASHBOARD__ENABLED": "False", "PYTHONPATH": str(WITHOUT_PROJECT)}
    return subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def cluster(address: str, folder: Path, workers: str = "ab") -> "Iterator[dict[str, subprocess.Popen[bytes]]]":
    """Start a scheduler and workers of these names; yield the processes by name."""
    port = address.rpartition(":")[2]
    local = ("--local-directory", folder, "--nthreads", 1, "--no-dashboard", "--no-nanny")
    with ExitStack() as stack:

        def running(*command: object) -> "subprocess.Popen[bytes]":
            process = stack.enter_context(dask(*command))
            stack.callback(process.terminate)
            return process

        first = running("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        named = {name: running("dask_worker", address, "--name", name, *local) for name in workers}
        yield {"scheduler": first, **named}


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and two workers, which know nothing of this project."""
    address, folder = f"tcp://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("workers")
    with cluster(address, folder):
        yield address


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a search on one core finds."""
    out = tmp_path_factory.mktemp("found") / "params.json"
    done = tune(out, *SMALL, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    return out


def test_every_stage_is_shown_and_the_best_is_written(tmp_path: Path, found: Path) -> None:
    """Nine candidates, three, one, for both estimators; two cores find what one does."""
    done = tune(tmp_path / "params.json", *SMALL, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    stages = re.findall(r"(logistic-regression|hist-gradient-boosting) +│ (\d) +│ (\d) +│ ([\d,]+)", done.stderr)
    assert [(name, number, count) for name, number, count, _ in stages[-6:]] == [
        (name, str(number), count)
        for name in ("logistic-regression", "hist-gradient-boosting")
        for number, count in enumerate("931", 1)
    ]
    assert (tmp_path / "params.json").read_bytes() == found.read_bytes()
    tuned = json.loads(found.read_bytes())
    best = max(tuned["estimators"], key=lambda name: tuned["estimators"][name]["score"])
    assert tuned["best"] == best


def test_a_cluster_finds_what_one_machine_does(tmp_path: Path, found: Path, scheduler: str) -> None:
    """A real scheduler with two workers; the files are the same to the byte."""
    done = tune(tmp_path / "params.json", *SMALL, "--scheduler", scheduler)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "params.json").read_bytes() == found.read_bytes()


def test_a_cluster_searches_on_dates(tmp_path: Path, scheduler: str) -> None:
    """Whose transformer is of this project, which the workers lack."""
    table = parcels().drop(columns=["band", "minutes"])
    table["sent"] = pd.date_range("2024-01-01", periods=len(table), freq="7h")
    table.to_parquet(tmp_path / "parcels.parquet")
    words = ("--data", tmp_path / "parcels.parquet", "--target", "late", "--estimator", "logistic-regression")
    done = tune(tmp_path / "params.json", *words, "--candidates", 3, "--scheduler", scheduler)
    assert done.returncode == 0, done.stderr
    with Client(scheduler, timeout=60) as client:  # type: ignore[no-untyped-call]
        files = client.run(lambda: __import__("function").__file__).values()
    assert all("/taxiway_" in file for file in files)


def test_a_cluster_searches_a_booster(tmp_path: Path, scheduler: str) -> None:
    """Whose estimator is of this project, which the workers lack."""
    table = parcels().drop(columns=["band", "minutes"])
    table.to_parquet(tmp_path / "parcels.parquet")
    words = ("--data", tmp_path / "parcels.parquet", "--target", "late", "--estimator", "lightgbm", "--candidates", 3)
    for place in (("--jobs", 1), ("--scheduler", scheduler)):
        done = tune(tmp_path / f"{place[0]}.json", *words, *place)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "--jobs.json").read_bytes() == (tmp_path / "--scheduler.json").read_bytes()


def holder(client: Client) -> str:
    """Wait until a worker was sent the rows; return its name."""
    while True:
        for worker, keys in client.has_what().items():  # type: ignore[no-untyped-call]
            if any(str(key).startswith("DataFrame") for key in keys):
                return str(client.scheduler_info()["workers"][worker]["name"])
        time.sleep(0.01)


def test_a_lost_worker_does_not_lose_the_search(tmp_path: Path, found: Path) -> None:
    """The one that holds the rows is killed; the other finds the same."""
    address, out = f"tcp://127.0.0.1:{free_port()}", tmp_path / "params.json"
    with cluster(address, tmp_path) as processes, Client(address, timeout=60) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2)
        process = start("tune", "--out", out, *SMALL, "--scheduler", address)
        processes[holder(client)].kill()
        _, complained = process.communicate(timeout=200)
    assert process.returncode == 0, complained
    assert out.read_bytes() == found.read_bytes()


def test_a_scheduler_without_workers_is_said(tmp_path: Path) -> None:
    """Rather than waited for."""
    address = f"tcp://127.0.0.1:{free_port()}"
    with cluster(address, tmp_path, workers=""), Client(address, timeout=60):  # type: ignore[no-untyped-call]
        done = tune(tmp_path / "params.json", *SMALL, "--scheduler", address)
    assert done.returncode == 1
    assert "has no workers" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://127.0.0.1:{port}", "no Dask scheduler responded at"),
        ("quick://127.0.0.1:{port}", "is not the address of a Dask scheduler"),
    ],
)
def test_a_cluster_that_is_not_there_is_said(tmp_path: Path, address: str, sentence: str) -> None:
    """One sentence and exit code 1; nothing is written."""
    out = tmp_path / "params.json"
    done = tune(out, *SMALL, "--scheduler", address.format(port=free_port()))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def answer(listening: socket.socket, said: bytes) -> None:
    """Say the same to whoever connects, and keep the connection."""
    kept = []
    with suppress(OSError):
        while True:
            kept.append(listening.accept()[0])
            kept[-1].sendall(said)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"", "no Dask scheduler responded at"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is not the address of a Dask scheduler"),
    ],
)
def test_what_is_no_scheduler_is_not_waited_for(tmp_path: Path, said: bytes, sentence: str) -> None:
    """Neither one that accepts and is silent, nor one that speaks another protocol."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=answer, args=(listening, said), daemon=True).start()
        done = tune(tmp_path / "params.json", *SMALL, "--scheduler", f"tcp://127.0.0.1:{listening.getsockname()[1]}")
        listening.shutdown(socket.SHUT_RDWR)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stage_without_a_class_is_said(tmp_path: Path) -> None:
    """Five rows of a thousand are not in each stage; the sentence says what to do."""
    table = tmp_path / "rare.csv"
    table.write_text("x,y\n" + "".join(f"{row % 89},{'yes' if row % 200 == 0 else 'no'}\n" for row in range(1000)))
    done = tune(tmp_path / "params.json", "--data", table, "--target", "y", "--jobs", 1)
    assert done.returncode == 1
    assert "use fewer --candidates, or more rows" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_command_that_is_printed_trains_what_was_found(tmp_path: Path) -> None:
    """With the data, the target and every option that tells of them, quoted."""
    table, out = tmp_path / "my parcels.csv", tmp_path / "params.json"
    written = parcels().rename(columns={"late": "is late"}).drop(columns=["minutes", "band"])
    written.assign(city=written["city"].fillna("NA")).to_csv(table, index=False)
    words = ["--data", table, "--target", "is late", "--kind", "month=category", "--kind", "stops=drop"]
    words += ["--missing", "NA,?", "--seed", "3"]
    done = tune(out, *words, "--jobs", 1, "--candidates", 3, "--estimator", "logistic-regression")
    assert done.returncode == 0, done.stderr
    command = shlex.split(done.stdout.partition("train it with: ")[2])
    assert command == ["taxiway", "train", *map(str, words[:-2]), "--params", str(out), "--seed", "3"]
    trained = finish(*command[1:], "--out", tmp_path / "model.zip")
    assert trained.returncode == 0, trained.stderr
    assert "--kind stops=drop drops it" in trained.stdout


def test_no_cores_are_refused(tmp_path: Path) -> None:
    """Before anything is read."""
    done = tune(tmp_path / "params.json", "--jobs", 0)
    assert done.returncode == 2
    assert "must be a number of cores, or -1 for all" in done.stderr


def train(*words: object) -> "subprocess.CompletedProcess[str]":
    """Train on few rows."""
    return finish("train", "--rows", 2000, *words)


def test_what_was_found_is_trained(tmp_path: Path, found: Path) -> None:
    """The best estimator with its parameters, which make another model than the defaults; or the one asked for.

    The report names what was fitted.
    """
    versions = set()
    for words in ([], ["--params", found], ["--params", found, "--estimator", "hist-gradient-boosting"]):
        done = train("--out", tmp_path / "model.zip", *words)
        assert done.returncode == 0, done.stderr
        versions.add(re.findall(r"flight-delay ([0-9a-f]{12})", done.stdout)[0])
    assert len(versions) == 3
    report = json.loads((tmp_path / "model.report.json").read_bytes())
    fitted = json.loads(found.read_bytes())["estimators"]["hist-gradient-boosting"]["params"]
    assert all(f"{name}={value}" in re.sub(r"\s", "", report["estimator"]) for name, value in fitted.items())


def changed(found: Path, parameter: str, value: Any) -> dict[str, Any]:
    """Return what was found with another parameter of the logistic regression."""
    tuned: dict[str, Any] = json.loads(found.read_bytes())
    tuned["best"] = "logistic-regression"
    tuned["estimators"]["logistic-regression"]["params"] = {parameter: value}
    return tuned


def other(found: Path | dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return what was found with other values."""
    return {**(json.loads(found.read_bytes()) if isinstance(found, Path) else found), **values}


def test_a_file_that_tune_did_not_write_is_refused(tmp_path: Path, found: Path) -> None:
    """Saying what there may be."""
    path = tmp_path / "params.json"
    for content, sentence in (
        (changed(found, "D", 1.0), "unknown parameter 'D'; must be one of C"),
        (other(found, best="forest"), "unknown estimator 'forest'; must be one of logistic-regression, ridge, hist-"),
        (other(found, estimators={"forest": {"score": 1, "params": {}}}), "unknown estimator 'forest'; must be one of"),
        (other(changed(found, "D", 1.0), best="hist-gradient-boosting"), "unknown parameter 'D'; must be one of C"),
        (changed(found, "C", -1.0), "C: must be a number from 0.0001 to 1000"),
        (other(found, task="regression"), "but this is a binary task"),
        ({"best": "ridge"}, "is not a file that tune wrote"),
    ):
        path.write_text(json.dumps(content))
        done = run("train", "--rows", 2000, "--out", tmp_path / "model.zip", "--params", path)
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert sentence in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "model.zip").exists()
