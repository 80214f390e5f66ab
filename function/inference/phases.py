"""Where the time of predictions goes: decode, wait, predict, encode."""

from typing import Literal

Phase = Literal["decode", "wait", "predict", "encode"]


class Phases:
    """Ignores all times: the default, which costs nothing; a subclass records them."""

    def now(self) -> float:
        """Return the time in seconds; always 0 if nothing is recorded."""
        return 0.0

    def add(self, phase: Phase, seconds: float) -> None:
        """Record that a phase of a request, or of a batch, took so long."""

    def since(self, phase: Phase, start: float) -> float:
        """Record that a phase ends now; return the time, at which the next one starts."""
        return 0.0

    def predicted(self, rows: int) -> None:
        """Record that so many rows were predicted."""


UNTIMED = Phases()
