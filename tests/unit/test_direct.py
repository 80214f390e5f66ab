"""function/http/direct.py: the first request goes through the framework, and no other."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from function.http.direct import serve_directly

APP = PlainTextResponse("the application")


class Framework(Starlette):
    """As the functions framework: its handler returns the application, which is called as a response."""

    def __init__(self) -> None:
        """Route one path."""
        super().__init__(routes=[Route("/", self._handle)])
        self.handled = 0

    async def _handle(self, request: Request) -> Response:
        self.handled += 1
        await asyncio.sleep(0.01)  # The first requests arrive together.
        serve_directly(request.app, APP)
        return APP


@pytest.mark.parametrize("first", [1, 3])
def test_only_the_first_requests_go_through_the_framework(first: int) -> None:
    """All that arrive before the first of them is handled; then the framework's routes and methods matter no more."""
    framework = Framework()

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=framework)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            together = await asyncio.gather(*[client.get("/") for _ in range(first)])
            return [*together, await client.get("/"), await client.post("/elsewhere")]

    responses = asyncio.run(ask())
    assert {response.text for response in responses} == {"the application"}
    assert len(responses) == first + 2
    assert framework.handled == first


def test_whatever_is_not_http_goes_to_the_framework() -> None:
    """A websocket is refused by its routes, as before."""
    framework, sent = Framework(), []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=framework), base_url="http://test") as client:
            await client.get("/")
        scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}
        await framework(scope, receive, send)

    asyncio.run(run())
    assert sent == ["websocket.close"]
