"""A server in front of a function, which answers some predictions itself: busy, too large, too slow."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

PASSED_ON = ("content-type", "accept", "x-model-version", "content-security-policy", "etag", "retry-after")


@dataclass
class Proxy:
    """Where it answers, and what becomes of the requests for predictions of tables."""

    url: str = ""
    script: list[tuple[int, str]] = field(default_factory=list)
    """Statuses and values of Retry-After (empty for none), one for each of the next requests; then all pass."""
    most_rows: int = 1_000_000
    """The most rows of a request; 413 past it."""
    statuses: list[int] = field(default_factory=list)
    """The statuses of the predictions of tables."""


@contextmanager
def busy_proxy(upstream: str, script: Sequence[tuple[int, str]] = (), most_rows: int = 1_000_000) -> Iterator[Proxy]:
    """Serve a function's paths; the page's own form, which asks for explanations, always passes."""
    proxy, client = Proxy(script=list(script), most_rows=most_rows), httpx.Client(base_url=upstream, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if b'"output":"explanation"' in body:
                self._pass(body)
                return
            status, retry = proxy.script.pop(0) if proxy.script else (0, "")
            if not status and body.count(b"{") - 2 > proxy.most_rows:
                status = 413
            proxy.statuses.append(status or 200)
            if status:
                self._send(status, b"<h1>Not now</h1>", {"Retry-After": retry} if retry else {})
            else:
                self._pass(body)

        def _pass(self, body: bytes) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
            response = client.request(self.command, self.path, content=body, headers=headers)
            self._send(
                response.status_code,
                response.content,
                {name: value for name, value in response.headers.items() if name in PASSED_ON},
            )

        def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        client.close()
