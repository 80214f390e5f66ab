"""A revision: one running `functions-framework` process."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.local_cloud.running.problem import BuildProblem
from tests.support.ports import free_port

START_SECONDS = 60
# What Cloud Run gives between SIGTERM and SIGKILL.
STOP_SECONDS = 10
TAIL = 4000


class Revision:
    """Starts the framework on a free port of this machine, and stops it by its process id."""

    def __init__(self, name: str, home: Path, folder: Path, variables: Mapping[str, str]) -> None:
        """`variables` are all that the process gets, besides its port and where to find programs."""
        self.name = name
        self.port = free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed in stop)
        environment = {"PATH": f"{home}/bin:/usr/bin:/bin", "HOST": "127.0.0.1", "PORT": str(self.port)}
        self._process = subprocess.Popen(
            [home / "bin" / "functions-framework"],
            cwd=folder,
            env={**variables, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self) -> None:
        """Wait until it answers; a BuildProblem with the end of its log when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise BuildProblem(f"Revision {self.name} ended by itself. Its log:\n{self.log()[-TAIL:]}")
            if time.monotonic() > deadline:
                raise BuildProblem(f"Revision {self.name} does not listen on PORT. Its log:\n{self.log()[-TAIL:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, kindly at first."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def log(self) -> str:
        """Return all it has written so far."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def _answers(self) -> bool:
        # The framework answers this path by itself: the function is not called.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return True
