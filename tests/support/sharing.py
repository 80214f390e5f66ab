"""What the processes of one test run share: files that are made once, and turns on the machine."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "TEST_RUN_FOLDER"
"""Names the run's folder to the processes that the first one starts."""


def begin_run() -> Callable[[], None]:
    """Make the run's folder if this process is the run's first; return what removes it again."""
    if VARIABLE in os.environ:
        return lambda: None
    folder = os.environ[VARIABLE] = tempfile.mkdtemp(prefix="test-run-")
    return lambda: shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """Return the folder of this run."""
    return Path(os.environ[VARIABLE])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that is a file; wait while another process or thread holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[], bytes]) -> Path:
    """Return a file of the run's folder, which the first process that asks for it makes."""
    path = run_folder() / name
    with locked(path.with_name(f"{name}.lock")):
        if not path.exists():
            path.write_bytes(make())
    return path


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Run a test beside those of other processes, or alone on the machine.

    A test that wants to be alone keeps the gate closed while it waits, so that no other one starts meanwhile.
    """
    with (folder / "machine.lock").open("a") as machine:
        with locked(folder / "gate.lock"):
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
