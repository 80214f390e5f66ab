"""Show how two loops accept connections that arrive at once: `.venv/bin/python -m tests.load.accepting`.

Each connection sends one byte as soon as it is open, and the server works for a millisecond on every byte. A loop that
accepts all connections in one turn serves them in order; one that accepts a single connection in each turn serves those
that it has, again and again, before the last one.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import cast

import uvloop

CONNECTIONS, WORK_SECONDS = 100, 0.001


class Working(asyncio.Protocol):
    """Works on each byte, and sends it back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Work, and answer."""
        end = time.perf_counter() + WORK_SECONDS
        while time.perf_counter() < end:
            pass
        self._transport.write(data)


def first_answers(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> list[float]:
    """Return when each connection got its first answer, in seconds since all were opened; each goes on asking."""
    loop, listener = new_loop(), socket.create_server(("127.0.0.1", 0), backlog=2 * CONNECTIONS)
    callers = [socket.create_connection(listener.getsockname()) for _ in range(CONNECTIONS)]
    seconds: list[float] = []

    def ask(caller: socket.socket) -> None:
        for number in range(20):
            caller.sendall(b"?")
            caller.recv(1)
            if not number:
                seconds.append(time.perf_counter() - start)
        caller.close()

    threads = [threading.Thread(target=ask, args=[caller]) for caller in callers]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    serving = threading.Thread(target=_serve, args=[loop, listener])
    serving.start()
    for thread in threads:
        thread.join()
    loop.call_soon_threadsafe(loop.stop)
    serving.join()
    return sorted(seconds)


def _serve(loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
    server = loop.run_until_complete(loop.create_server(Working, sock=listener, backlog=2 * CONNECTIONS))
    loop.run_forever()
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


if __name__ == "__main__":
    for name, new_loop in {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}.items():
        found = first_answers(new_loop)
        print(f"{name}: first answers after {found[0]:.2f} to {found[-1]:.2f} s")  # noqa: T201 - a program
