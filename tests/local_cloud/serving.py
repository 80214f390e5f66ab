"""A server in a thread: an ASGI application behind an address of this machine."""

import socket
import threading
from typing import Literal

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

START_SECONDS = 10.0
STOP_SECONDS = 30.0
GRACE_SECONDS = 2


class ServerThread:
    """Binds its address at once, and serves an application there until it is stopped."""

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        http: type[HttpToolsProtocol] = HttpToolsProtocol,
        lifespan: Literal["on", "off"] = "off",
    ) -> None:
        """Port 0 is any free one."""
        self._socket = socket.create_server((host, port))
        self.url = "http://{}:{}".format(*self._socket.getsockname())
        self._server = _Server(app, http, lifespan)
        self._thread = threading.Thread(target=self.run, name="local-cloud", daemon=True)

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

    def hang_up(self, scope: Scope) -> None:
        """Close the connection that a scope came over, after what is already written."""
        self._server.hang_up(scope["client"])


class _Server(uvicorn.Server):
    """A uvicorn server that says when it serves and can drop connections."""

    def __init__(self, app: ASGIApp, http: type[HttpToolsProtocol], lifespan: Literal["on", "off"]) -> None:
        adds_headers = lifespan == "off"
        # `http` is what `hang_up` looks for; in `shutdown` no connection is left to wait for.
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                http=http,
                ws="none",
                lifespan=lifespan,
                # A front adds nothing to what the function answers.
                date_header=adds_headers,
                server_header=adds_headers,
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
