"""function/http/app.py: whatever happens inside, there is one response."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from function.errors import Missing
from function.http.app import App
from function.http.routes import Service
from function.inference.inference import Inference
from function.live.source import FileVersion
from function.live.store import ModelStore, Policy


class Broken:
    """A source with a bug in it."""

    uri = "gs://bucket/model"

    def find(self, known: FileVersion | None = None) -> FileVersion:
        """Fail unexpectedly."""
        raise RuntimeError("a secret")

    def read(self, file: FileVersion) -> bytes:
        """Fail, because this is never called."""
        raise Missing


@pytest.fixture
def app() -> Iterator[App]:
    """An application that fails whenever a model is asked for."""
    with ThreadPoolExecutor(1) as pool:
        yield App(Service(ModelStore(Broken(), Policy(1000), pool), Inference(10, pool), 1000))


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/predict", "error"),
        ("/v1/models/m:predict", "error"),
        ("/v2/models/m/infer", "error"),
        ("/v2/health/ready", "error"),
        ("/bigquery", "errorMessage"),
    ],
)
def test_an_unexpected_failure_is_a_constant_500(
    app: App, capsys: pytest.CaptureFixture[str], path: str, key: str
) -> None:
    """Its text is in the log, with the traceback, and not in the response, which has the path's dialect."""

    async def ask() -> httpx.Response:
        # Raised exceptions would show here: nothing may leave the application.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request("GET" if path.endswith("ready") else "POST", path, json={})

    response = asyncio.run(ask())
    assert response.status_code == 500
    assert response.json() == {key: "The service failed unexpectedly. Its log has the details."}
    logged = capsys.readouterr().err
    assert "RuntimeError: a secret" in logged
    assert '"severity":"ERROR"' in logged


def test_a_client_that_disconnected_gets_no_response(app: App) -> None:
    """Half a body, then nothing: no response, no error."""
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert sent == []
