"""A server on one core of this machine, while everything that asks it is on another."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.load import process_group
from tests.load.exchange import Exchange
from tests.load.peers.measuring.throttle import Throttle
from tests.load.peers.models import Model
from tests.load.peers.servers.server import Kind, Server
from tests.load.programs import Unusable
from tests.support.ports import free_port

SERVER_CORE, CLIENT_CORE = 0, 1
START_SECONDS = 120
STOP_SECONDS = 20


def keep_to_the_clients_core() -> None:
    """Keep this process, and the load generators that it starts, off the server's core.

    Raises:
        Unusable: there are not two.
    """
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        raise Unusable("two cores are needed: one for the server, one for who asks it")
    os.sched_setaffinity(0, {CLIENT_CORE})


class Pinned:
    """Starts a server, and takes the time from there to its first right answer."""

    def __init__(
        self,
        server: Server,
        home: Path,
        model: Model,
        kind: Kind = "vector",
        environment: Mapping[str, str] | None = None,
        share: float = 1,
    ) -> None:
        """Prepare the command.

        Args:
            server: who is started.
            home: its virtual environment.
            model: what it serves.
            kind: what is asked first.
            environment: adds to the server's own.
            share: how much of the core it has until its first right answer.
        """
        self.server = server
        self._model, self._kind, self._share = model, kind, share
        ports = {name: str(free_port()) for name in ("port", "other", "another")}
        values = {"bin": f"{home}/bin", "models": str(model.folder.absolute()), "kind": kind, **ports}
        variables = {**server.environment, **(environment or {})}
        self._command = ["taskset", "-c", str(SERVER_CORE), *(word.format(**values) for word in server.command)]
        self._environment = {**os.environ, **{name: text.format(**values) for name, text in variables.items()}}
        self._environment["HOST"] = "127.0.0.1"
        self._url = f"http://127.0.0.1:{ports['port']}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed on exit)

    def __enter__(self) -> Self:
        """Start it, and ask until the answer is right."""
        start = time.perf_counter()
        self._process = subprocess.Popen(
            self._command,
            cwd=self.server.folder,
            env=self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            with Throttle(self._process.pid, self._share):
                self.exchange_for(self._kind)
                self.first_answer = time.perf_counter() - start
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop it."""
        self._stop()

    @property
    def memory(self) -> int:
        """Of all its processes, in bytes."""
        return process_group.memory(self._process.pid)

    @property
    def cpu_seconds(self) -> float:
        """Of all its processes since they started."""
        return process_group.cpu_seconds(self._process.pid)

    def exchange_for(self, kind: Kind) -> Exchange:
        """Ask the question of a kind until the label is right; from then on every answer has to be that one.

        Raises:
            Unusable: it never is, or the server has ended.
        """
        question = self.server.vector if kind == "vector" else self.server.row
        if not question:
            raise Unusable(f"{self.server.title} has no notion of a {kind}")
        wanted = self.exchange_of(question.path, question.content, b"")
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(timeout=START_SECONDS) as client:
            while True:
                with contextlib.suppress(httpx.TransportError, LookupError, ValueError, TypeError):
                    content = wanted.ask(client).content
                    if question.label_of(content) == self._model.labels[kind]:
                        return replace(wanted, answer=content)
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise Unusable(f"{self.server.title} gives no right answer:\n{self._written()[-2000:]}")
                time.sleep(0.002)

    def exchange_of(
        self,
        path: str,
        body: bytes,
        answer: bytes,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Return another exchange with it."""
        return Exchange(f"{self._url}{path}", body, answer, media_type, headers or {})

    def _written(self) -> str:
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0).decode(errors="replace")

    def _stop(self) -> None:
        started = process_group.members(self._process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
        for pid in started:  # Some start others in groups of their own.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()
