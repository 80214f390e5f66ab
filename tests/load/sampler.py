"""A caller beside a load generator that reads no bodies: it compares those of its own answers."""

import threading
import time
from types import TracebackType
from typing import Self

import httpx

from tests.load.exchange import Exchange

INTERVAL = 0.02
"""Seconds from one request to the next: beside 1,111 a second it is hardly felt, and in 45 s it sees 2,000 answers."""


class Sampler:
    """Asks from a thread of its own, on one connection, for as long as a `with` block lasts.

    What is not 2xx is left to the load generator to count.
    """

    def __init__(self, exchange: Exchange) -> None:
        """`checked` answers were compared so far; `wrong` of them differed."""
        self.checked = 0
        self.wrong = 0
        self._exchange = exchange
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask_on)

    def __enter__(self) -> Self:
        """Start asking."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop asking; the answer that is under way still counts."""
        self._ended.set()
        self._thread.join()

    def _ask_on(self) -> None:
        with httpx.Client(timeout=20) as client:
            while not self._ended.is_set():
                due = time.monotonic() + INTERVAL
                self._ask(client)
                self._ended.wait(due - time.monotonic())

    def _ask(self, client: httpx.Client) -> None:
        try:
            response = self._exchange.ask(client)
        except httpx.TransportError:
            return
        if response.is_success:
            self.checked += 1
            self.wrong += not self._exchange.holds(response)
