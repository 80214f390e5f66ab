"""The server: the cloud behind an address of this machine."""

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.local_cloud.application import application
from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.storage import Storage

START_SECONDS = STOP_SECONDS = 10.0
GRACE_SECONDS = 2


class LocalCloud:
    """A Google cloud on this machine, in memory, for as long as a `with` block lasts.

    `calls` remembers what was asked, `faults` makes it go wrong, `storage` holds the buckets.
    After `stop` it cannot be started again.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind the address at once, so that nobody else gets it; port 0 is any free one."""
        self.calls = Journal()
        self.faults = Faults()
        self.storage = Storage()
        self._socket = socket.create_server((host, port))
        self.url = "http://{}:{}".format(*self._socket.getsockname())
        self._server = _Server(application(self.calls, self.faults, self.storage, self._hang_up))
        self._thread = threading.Thread(target=self.run, name="local-cloud", daemon=True)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point Google's clients here."""
        return {"STORAGE_EMULATOR_HOST": self.url}

    def run(self) -> None:
        """Serve in this thread until `stop`, or until a signal in the main thread."""
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Serve in a thread of its own; return once it answers."""
        self._thread.start()
        if not self._server.serving.wait(START_SECONDS):
            raise RuntimeError("the local cloud did not start")

    def stop(self) -> None:
        """Close all connections, also those that hang, and wait for the thread's end."""
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError("the local cloud did not stop")

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _hang_up(self, scope: Scope) -> None:
        self._server.hang_up(scope["client"])


class _Server(uvicorn.Server):
    """A uvicorn server that says when it serves and can drop connections."""

    def __init__(self, app: ASGIApp) -> None:
        # `http` is what `hang_up` looks for; in `shutdown` no connection is left to wait for.
        super().__init__(
            uvicorn.Config(
                app,
                http=HttpToolsProtocol,
                ws="none",
                lifespan="off",
                # The logging of the test process is its own.
                log_config=None,
                log_level="warning",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self.serving = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.serving.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets=sockets)

    def hang_up(self, client: tuple[str, int]) -> None:
        """Close the connection of this client address after what is already written."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, HttpToolsProtocol) and connection.client == client:
                connection.transport.close()
