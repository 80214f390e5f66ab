"""A function's front: the address that stays while revisions come and go."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Scope

from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.rim import Operation, Rim
from tests.local_cloud.serving import ServerThread

Admits = Callable[[str | None], bool]
# They belong to one connection, not to the request that passes through.
HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)
SECONDS = 300


class Front:
    """A reverse proxy on a port of its own; `admits` decides by the Authorization header.

    Requests are noted and spoilt as the cloud's own calls are, as calls of the kind `invocation`.
    """

    def __init__(self, host: str, admits: Admits, calls: Journal, faults: Faults) -> None:
        """Serve at once; requests fail until `target`, a port of this machine, is set."""
        self.target = 0
        self._admits = admits
        rim = Rim(calls, faults, self._hang_up)
        routes = rim.routes([Operation(None, "/{path:path}", "invocation", self._respond)])
        self._server = ServerThread(_router(routes), host, 0, lifespan="on")
        self._server.start()

    @property
    def url(self) -> str:
        """Where the function answers."""
        return self._server.url

    def stop(self) -> None:
        """Close the port."""
        self._server.stop()

    def _hang_up(self, scope: Scope) -> None:
        self._server.hang_up(scope)

    async def _respond(self, request: Request) -> Response:
        if not self._admits(request.headers.get("authorization")):
            return JSONResponse({"error": "Your client does not have permission to get this URL."}, 403)
        client: httpx.AsyncClient = request.state.client
        try:
            answer = await client.send(self._passed_on(client, request), stream=True)
        except httpx.TransportError:
            return JSONResponse({"error": "The function does not answer."}, 503)
        response = StreamingResponse(answer.aiter_raw(), answer.status_code)
        response.raw_headers = _end_to_end(answer.headers.raw)
        response.background = BackgroundTask(answer.aclose)
        return response

    def _passed_on(self, client: httpx.AsyncClient, request: Request) -> httpx.Request:
        path = request.scope["raw_path"] + (b"?" + request.scope["query_string"] if request.url.query else b"")
        url = httpx.URL(scheme="http", host="127.0.0.1", port=self.target, raw_path=path)
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        headers = _end_to_end(request.headers.raw)
        return client.build_request(
            request.method, url, headers=headers, content=request.stream() if has_body else None
        )


def _router(routes: Sequence[BaseRoute]) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(app: Router) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
        async with httpx.AsyncClient(trust_env=False, limits=LIMITS, timeout=SECONDS) as client:
            yield {"client": client}

    return Router(routes, redirect_slashes=False, lifespan=lifespan)


def _end_to_end(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in headers if name.lower() not in HOP_BY_HOP]
