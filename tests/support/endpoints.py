"""A function whose instances say what they are told to, by turns."""

import itertools
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LIVE = {"version": "a" * 12, "generation": 1, "engine": "onnx", "loaded_at": "2026-01-01T00:00:00Z"}
EMPTY = {"version": None, "generation": None, "engine": None, "loaded_at": None, "refused": None, "unreachable": None}


@dataclass
class Endpoint:
    """Where it answers, and what it was asked: path, address of the caller, Authorization."""

    url: str
    asked: list[tuple[str, Any, str | None]] = field(default_factory=list)


@contextmanager
def answering(*answers: Any) -> Iterator[Endpoint]:
    """Answer requests with each of these in turn: a document, raw bytes, a status, or a function that makes one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(endpoint, answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(endpoint: Endpoint, answers: Sequence[Any]) -> type[BaseHTTPRequestHandler]:
    turns = itertools.cycle(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            endpoint.asked.append((self.path, self.client_address, self.headers.get("Authorization")))
            turn = next(turns)
            answer = turn() if callable(turn) else turn
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(answer if isinstance(answer, int) else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
