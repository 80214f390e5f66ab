"""The WSGI target: what its adapter must be, and what ordinary tests do not send."""

import json
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.load.http_client import prepare
from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess

CALLERS = 8


class Fresh(FunctionProcess):
    """A function that counts as started as soon as it listens, so that no request has been handled yet."""

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True


def test_the_first_requests_of_a_process_may_arrive_together(bundle_path: Path) -> None:
    """They wait for one load on one event loop, and each gets its prediction."""
    request = prepare("/predict", json.dumps({"instances": [FLIGHT]}).encode())
    with Fresh({"MODEL_URI": str(bundle_path)}, target="predict_flask") as function, ExitStack() as stack:
        address = ("127.0.0.1", function.port)
        callers = [stack.enter_context(socket.create_connection(address, timeout=60)) for _ in range(CALLERS)]
        for caller in callers:
            caller.sendall(request)
        assert [caller.recv(65536)[9:12] for caller in callers] == [b"200"] * CALLERS


@pytest.mark.parametrize("path", ["/%ff%fe", "/predict%ff", "/no/%00", "/%c3%a9"])
def test_a_path_that_is_not_text_is_a_404_in_json(function: FunctionProcess, path: str) -> None:
    """Whatever bytes it has, over every target."""
    response = function.client.get(path)
    assert response.status_code == 404
    assert "/predict" in response.json()["error"]
