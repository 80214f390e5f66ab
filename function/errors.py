"""Expected failures: small classes with a message for the caller; the HTTP layer gives each its status."""

from msgspec import Struct


class Problem(Exception):
    """A failure the caller may read about.

    `str(problem)` is a sentence for the caller; it never holds a value the caller sent.
    """


class NotFound(Problem):
    """The path is unknown, or the model or version that it names is not the live one."""


class TooLarge(Problem):
    """The body or the number of its rows is over a limit."""

    @classmethod
    def rows(cls, limit: int) -> "TooLarge":
        """Return the failure of a body whose rows are not counted beyond the limit."""
        return cls(f"The body has more than {limit} rows, which is the limit of a request.")


class Unavailable(Problem):
    """No model can be served for now."""

    def __init__(self, message: str, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class Overloaded(Unavailable):
    """So many requests wait that this one is refused at once."""

    def __init__(self, waiting: int) -> None:
        """`waiting` is the number of requests that wait."""
        super().__init__(f"The service is overloaded: {waiting} requests wait. Send this one again later.", 1)


class TimedOut(Problem):
    """A request took longer than it may; `str(problem)` says how long that is, and what to do."""


class Stopped(Exception):
    """Nobody waits for this prediction any more."""


class Fault(Struct, frozen=True):
    """One fault in a body: where, of what kind, and what was expected there."""

    loc: tuple[str | int, ...]
    type: str
    msg: str


class BadInput(Problem):
    """The body does not match what the protocol and the model's features require."""

    def __init__(self, fault: Fault, *more: Fault) -> None:
        """The sentence for the caller is the place and message of the first fault, and the number of the others."""
        place = _place(fault.loc)
        others = f" (and {len(more)} more {'faults' if len(more) > 1 else 'fault'})" if more else ""
        super().__init__((f"{place}: {fault.msg}" if place else fault.msg) + others)
        self.faults = (fault, *more)


def _place(loc: tuple[str | int, ...]) -> str:
    """Write `("instances", 0, "carrier")` as `instances[0].carrier`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


class UnsupportedValues(Exception):
    """A model failed on values that its types admit."""


class BadRow(Exception):
    """A row that the model cannot process; each protocol names its place in its own way."""

    def __init__(self, row: int, msg: str) -> None:
        """`row` counts from 0."""
        super().__init__(msg)
        self.row = row


class Refused(Exception):
    """A model file that must not be served; `str(error)` is the reason."""

    sklearn_version: str | None = None
    """The version of scikit-learn that wrote the file, where it is known."""


class Unreachable(Exception):
    """A model file that could not be fetched this time; `str(error)` is the reason."""


class Missing(Unreachable):
    """There is no object at the model's address."""
