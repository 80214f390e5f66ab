"""A real `functions-framework` process to test against."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
START_SECONDS = 60
STOP_SECONDS = 20


class FunctionProcess:
    """Starts the framework on a free port, waits until it answers, and stops it by SIGTERM."""

    def __init__(
        self,
        environment: Mapping[str, str],
        target: str = "predict",
        source: Path = ROOT,
        programs: Path = PROGRAMS,
    ) -> None:
        """`environment` is added to the one the tests have; `programs` is where the framework is installed."""
        self._environment = {**os.environ, "HOST": "127.0.0.1", **environment}
        self._command = [f"{programs}/functions-framework", f"--target={target}"]
        self._source = source
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed on exit)
        self.port = free_port()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start it, and wait for the first answer."""
        self._process = subprocess.Popen(
            [*self._command, f"--port={self.port}"],
            cwd=self._source,
            env=self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, f"it ended by itself:\n{self.log()}"
            assert time.monotonic() < deadline, f"it does not answer:\n{self.log()}"
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop it, however the test ended."""
        self.client.close()
        try:
            self.stop()
        finally:
            self._log.close()

    @property
    def pid(self) -> int:
        """Of the process that leads its group."""
        return self._process.pid

    def ask_anew(self, path: str, content: object) -> httpx.Response:
        """Post JSON on a new connection, which any worker may take."""
        return httpx.post(self.url + path, json=content, timeout=60)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise

    def log(self) -> str:
        """Return all it has written so far."""
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0).decode()

    def forget_peak_memory(self) -> None:
        """Let `peak_memory` look at what comes after this call."""
        for pid in self._processes():
            Path("/proc", pid, "clear_refs").write_text("5")

    def peak_memory(self) -> int:
        """Return the most memory that any of its processes has had, in bytes."""
        return max(_bytes(pid, "VmHWM") for pid in self._processes())

    def memory(self) -> int:
        """Return what its largest process has now, in bytes."""
        return max(_bytes(pid, "VmRSS") for pid in self._processes())

    def _processes(self) -> list[str]:
        pid = str(self.pid)
        return [pid, *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _answers(self) -> bool:
        try:
            return self.client.get("/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _bytes(pid: str, name: str) -> int:
    lines = Path("/proc", pid, "status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(name)]
    return int(line.split()[1]) * 1024


def uncovered() -> dict[str, str]:
    """Return the environment for a program that runs nothing of ours, so that its coverage is not measured."""
    return {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}
