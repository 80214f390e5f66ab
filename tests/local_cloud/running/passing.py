"""Passing a request on to a process of this machine, and its answer back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Router

# They belong to one connection, not to the request that passes through.
HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)
SECONDS = 300


@asynccontextmanager
async def with_client(app: Router) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """The lifespan of an application that passes requests on: one client for all of them."""
    async with httpx.AsyncClient(trust_env=False, limits=LIMITS, timeout=SECONDS) as client:
        yield {"client": client}


async def pass_on(request: Request, port: int) -> Response:
    """Return what the process at a port answers; 503 when nothing does."""
    client: httpx.AsyncClient = request.state.client
    try:
        answer = await client.send(_passed_on(client, request, port), stream=True)
    except httpx.TransportError:
        return JSONResponse({"error": "The function does not answer."}, 503)
    response = StreamingResponse(answer.aiter_raw(), answer.status_code)
    response.raw_headers = _end_to_end(answer.headers.raw)
    response.background = BackgroundTask(answer.aclose)
    return response


def _passed_on(client: httpx.AsyncClient, request: Request, port: int) -> httpx.Request:
    path = request.scope["raw_path"] + (b"?" + request.scope["query_string"] if request.url.query else b"")
    url = httpx.URL(scheme="http", host="127.0.0.1", port=port, raw_path=path)
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    headers = _end_to_end(request.headers.raw)
    return client.build_request(request.method, url, headers=headers, content=request.stream() if has_body else None)


def _end_to_end(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in headers if name.lower() not in HOP_BY_HOP]
