"""SIGTERM: what is in flight is answered, none is cut."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.support.function_process import FunctionProcess

ROW = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}
IN_FLIGHT = 40
LOADERS = 8


@pytest.fixture(params=["1", "2"], ids=["one worker", "two workers"])
def function(request: pytest.FixtureRequest, bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function."""
    with FunctionProcess({"MODEL_URI": str(bundle_path), "WORKERS": request.param}) as running:
        yield running


def test_requests_whose_bodies_are_still_coming_are_answered(function: FunctionProcess) -> None:
    """The process ends after the last of them."""
    body = json.dumps({"instances": [ROW] * 100}).encode()
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", function.port), timeout=30))
            for _ in range(IN_FLIGHT)
        ]
        for connection in connections:
            connection.sendall(head + body[:1000])
        # Answered on a later connection, so the earlier ones have been accepted.
        for _ in range(20):
            assert function.ask_anew("/predict", {"instances": [ROW]}).status_code == 200
        stopping = threading.Thread(target=function.stop)
        stopping.start()
        assert not wait_until_refused(function.port)
        for connection in connections:
            connection.sendall(body[1000:])
        answers = [read(connection) for connection in connections]
        stopping.join()
    assert all(answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b"]}") for answer in answers)


def test_a_load_is_answered_to_the_end(function: FunctionProcess) -> None:
    """All that was sent before the signal is answered in full, and the process ends by itself."""
    answered, failed = [0] * LOADERS, []
    body = json.dumps({"instances": [ROW] * 300})

    def load(number: int) -> None:
        # One connection for all requests: one that still waits to be accepted is nobody's yet.
        connection = HTTPConnection("127.0.0.1", function.port, timeout=30)
        while True:
            sent = time.monotonic()
            try:
                connection.request("POST", "/predict", body)
                assert len(json.loads(connection.getresponse().read())["predictions"]) == 300
            except (OSError, HTTPException) as error:
                failed.append((sent, repr(error)))
                return
            answered[number] += 1

    threads = [threading.Thread(target=load, args=(number,)) for number in range(LOADERS)]
    for thread in threads:
        thread.start()
    while min(answered) < 10:
        time.sleep(0.01)
    signalled = time.monotonic()
    assert function.stop() == 0
    for thread in threads:
        thread.join()
    # Whoever asks later may find nobody there: the platform sends no new requests by then.
    assert [error for sent, error in failed if sent < signalled] == []


def wait_until_refused(port: int) -> bool:
    """Wait until nobody listens; return False, for a new connection would be one too many."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return False


def read(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received
