"""The host of all functions: it builds, starts, replaces and stops them."""

import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.local_cloud.access.access import Access
from tests.local_cloud.environment import for_clients
from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.running.build_account import check_build
from tests.local_cloud.running.entrance import OPEN, Entrance
from tests.local_cloud.running.environment import compile_all, environment_for, export
from tests.local_cloud.running.front import Front
from tests.local_cloud.running.problem import BuildProblem
from tests.local_cloud.running.revision import Revision
from tests.local_cloud.running.source import fetch, unpack
from tests.local_cloud.services.run_services import full_name
from tests.local_cloud.storage import Storage


@dataclass(frozen=True)
class Deployed:
    """A function that answers at `uri`."""

    uri: str
    revision: str


@dataclass
class Running:
    """A function: its address, the way in, and what answers there."""

    front: Front
    entrance: Entrance
    revision: Revision
    folder: Path


class Host:
    """The functions by name; a revision is started before the one before it is stopped."""

    def __init__(
        self, address: str, cloud_url: str, storage: Storage, access: Access, calls: Journal, faults: Faults
    ) -> None:
        """Listen on `address`; functions find the cloud's buckets at `cloud_url`."""
        self._address = address
        self._cloud_url = cloud_url
        self._storage = storage
        self._access = access
        self._calls = calls
        self._faults = faults
        self._running: dict[str, Running] = {}
        self._revisions: dict[str, int] = {}
        self._closed = False
        self._lock = threading.Lock()

    def deploy(self, name: str, fields: Mapping[str, Any]) -> Deployed:
        """Build and start a revision of a function; a BuildProblem leaves the one before it alone."""
        folder = Path(tempfile.mkdtemp(prefix="function-"))
        try:
            revision = self._start(name, fields, folder)
        except BaseException:
            shutil.rmtree(folder)
            raise
        with self._lock:
            old = self._running.get(name)
            front, entrance = (old.front, old.entrance) if old else self._opened(name)
            entrance.target = revision.port
            entrance.ingress = fields.get("serviceConfig", {}).get("ingressSettings", OPEN)
            self._running[name] = Running(front, entrance, revision, folder)
        if old:
            _end(old)
        if self._closed:
            self.remove(name)
        return Deployed(front.url, revision.name)

    def remove(self, name: str) -> None:
        """Stop a function and close its address."""
        with self._lock:
            running = self._running.pop(name, None)
        if running:
            running.front.stop()
            _end(running)

    def entrance(self, name: str) -> Entrance | None:
        """Return the way in to a function, None when there is none of this name."""
        running = self._running.get(name)
        return running.entrance if running else None

    def log(self, name: str) -> str:
        """Return what the function's revision has written so far."""
        return self._running[name].revision.log()

    def close(self) -> None:
        """Stop all functions."""
        self._closed = True
        for name in list(self._running):
            self.remove(name)

    def _start(self, name: str, fields: Mapping[str, Any], folder: Path) -> Revision:
        build = fields.get("buildConfig", {})
        if self._access.strict:
            check_build(self._access, name, build)
        unpack(fetch(self._storage, build), folder)
        home = environment_for(folder / "requirements.txt")
        compile_all(home, folder, build.get("environmentVariables", {}))
        export(folder)
        id = name.rsplit("/", 1)[-1]
        self._revisions[name] = self._revisions.get(name, 0) + 1
        revision = f"{id}-{self._revisions[name]:05}-loc"
        started = Revision(revision, home, folder, self._variables(id, revision, fields))
        try:
            started.wait()
        except BuildProblem:
            started.stop()
            raise
        return started

    def _variables(self, id: str, revision: str, fields: Mapping[str, Any]) -> dict[str, str]:
        """Return the environment of the real runtime, and the address of the buckets here."""
        return {
            "LOG_EXECUTION_ID": "true",
            **fields.get("serviceConfig", {}).get("environmentVariables", {}),
            "FUNCTION_TARGET": str(fields.get("buildConfig", {}).get("entryPoint", "")),
            "FUNCTION_SIGNATURE_TYPE": "http",
            "K_SERVICE": id,
            "K_CONFIGURATION": id,
            "K_REVISION": revision,
            **for_clients(self._cloud_url, fields.get("serviceConfig", {}).get("serviceAccountEmail", "")),
            "PYTHONUNBUFFERED": "TRUE",
            "HOME": "/tmp",  # noqa: S108 (where the real runtime may write)
            "LANG": "C.UTF-8",
        }

    def _opened(self, name: str) -> tuple[Front, Entrance]:
        entrance = Entrance(self._access, full_name(name))
        front = Front(self._address, "invocation", entrance.from_the_internet, self._calls, self._faults)
        return front, entrance


def _end(running: Running) -> None:
    running.revision.stop()
    shutil.rmtree(running.folder)
