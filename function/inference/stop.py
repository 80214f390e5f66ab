"""Stop a computation in another thread, between two of its parts."""

from function.errors import Stopped


class Stop:
    """A flag that one thread sets, and another one checks."""

    __slots__ = ("_set",)

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Stop the computation at its next check."""
        self._set = True

    def check(self) -> None:
        """Raise Stopped if the flag is set."""
        if self._set:
            raise Stopped


NEVER = Stop()
"""The flag of a computation that runs to its end."""
