"""A caller beside a load generator that reads no bodies: it compares those of its own answers."""

import time

import httpx

from tests.load.beside import Beside
from tests.load.exchange import Exchange

INTERVAL = 0.02
"""Seconds from one request to the next: beside 1,111 a second it is hardly felt, and in 45 s it sees 2,000 answers."""


class Sampler(Beside):
    """Asks on one connection; the answer that is under way at the end still counts.

    What is not 2xx is left to the load generator to count.
    """

    def __init__(self, exchange: Exchange) -> None:
        """`checked` answers were compared so far; `wrong` of them differed."""
        super().__init__()
        self.checked = 0
        self.wrong = 0
        self._exchange = exchange

    def run(self) -> None:
        """Ask at each interval."""
        with httpx.Client(timeout=20) as client:
            while not self.ended.is_set():
                due = time.monotonic() + INTERVAL
                self._ask(client)
                self.ended.wait(due - time.monotonic())

    def _ask(self, client: httpx.Client) -> None:
        try:
            response = self._exchange.ask(client)
        except httpx.TransportError:
            return
        if response.is_success:
            self.checked += 1
            self.wrong += not self._exchange.holds(response)
