"""Try files with their libraries as `trial.py` does, each in a fork of one process that has imported the libraries.

A trial then takes milliseconds instead of seconds. `python -m tests.integration.exact.trial_server` is that process: it
reads lines with a library, a format and a path, and answers with the code of the process's end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from model_training.bundling.exact.boosters.trial import MEMORY, NAMES, ONE_THREAD, SECONDS, check_ending, too_slow
from model_training.bundling.exact.boosters.trial_process import attempt

SLOW = 14
"""The signal of an alarm."""


class TrialServer:
    """The process, started again if it ends."""

    def __init__(self) -> None:
        """Start it with the first trial."""
        self._process: Any = None

    def __call__(self, library: str, data: bytes, format: str) -> None:
        """Try a file.

        Raises:
            Refused: the library fails, crashes, does not end or takes too much memory.
        """
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "tests.integration.exact.trial_server"]
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._process = subprocess.Popen(command, text=True, env={**os.environ, **ONE_THREAD}, **pipes)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            path.write_bytes(data)
            self._process.stdin.write(f"{library}\t{format}\t{path}\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            if code == -SLOW:
                raise too_slow(library)
            message = path.with_suffix(".message")
            check_ending(library, code, message.read_text() if message.exists() else "")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()


def serve() -> None:
    """Try each file that is named on the standard input, in a fork."""
    import signal

    for library in NAMES:
        __import__(library)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What libraries print is no answer.
    for line in sys.stdin:
        library, form, path = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            signal.alarm(SECONDS)
            message = attempt(library, form, path, MEMORY)
            Path(path).with_suffix(".message").write_text(message, errors="replace")
            os._exit(1 if message else 0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


if __name__ == "__main__":
    serve()
