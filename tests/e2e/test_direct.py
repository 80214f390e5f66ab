"""Requests after the first one reach the application past the framework, whose routes no longer matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.function_process import FunctionProcess


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function, which has answered a first request."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico"])
def test_the_paths_of_the_framework_are_none(function: FunctionProcess, path: str) -> None:
    """Its own 404 is text."""
    response = function.client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/json")


def test_a_websocket_is_refused(function: FunctionProcess) -> None:
    """Whether the server knows websockets or not."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
    }
    assert function.client.get("/predict", headers=headers).status_code in {403, 405}
    assert "stack_trace" not in function.log()
