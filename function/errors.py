"""The expected failures: small classes with a status and a message written for the caller."""

from collections.abc import Mapping
from dataclasses import dataclass


class Problem(Exception):
    """A failure the caller may read about.

    `str(problem)` is a sentence for the caller; it never holds a value the caller sent.
    """

    status = 500
    headers: Mapping[str, str] = {}


class NotFound(Problem):
    """The path is not one of ours, or the model or version that it names."""

    status = 404


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    status = 405

    def __init__(self, allowed: str) -> None:
        """`allowed` is the value of the Allow header, such as `GET, HEAD`."""
        super().__init__(f"This path answers {allowed} only.")
        self.headers = {"Allow": allowed}


class TooLarge(Problem):
    """The body or the number of its rows is over a limit."""

    status = 413


class UnsupportedMediaType(Problem):
    """The body is not declared as JSON."""

    status = 415


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: where, of what kind, and what was expected there."""

    loc: tuple[str | int, ...]
    type: str
    msg: str


class BadInput(Problem):
    """The body is not what the protocol and the model's features ask for; protocols differ in its status."""

    def __init__(self, fault: Fault) -> None:
        """The sentence for the caller is the fault's place and message."""
        place = _place(fault.loc)
        super().__init__(f"{place}: {fault.msg}" if place else fault.msg)
        self.fault = fault


def _place(loc: tuple[str | int, ...]) -> str:
    """Write `("instances", 0, "carrier")` as `instances[0].carrier`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


class ValuesNotTaken(Exception):
    """A model failed on values that its types admit."""


class BadRow(Exception):
    """A row that the model can't answer; a protocol knows what its place is called."""

    def __init__(self, row: int, msg: str) -> None:
        """`row` counts from 0."""
        super().__init__(msg)
        self.row = row


class Unavailable(Problem):
    """There is no model to answer with, for now."""

    status = 503

    def __init__(self, message: str, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__(message)
        self.headers = {"Retry-After": str(retry_after)}


class Refused(Exception):
    """A model file that must not be served; `str(error)` says why."""

    sklearn_version: str | None = None
    """The version of scikit-learn that wrote the file, where that could be told."""


class Unreachable(Exception):
    """A model file that could not be fetched this time; `str(error)` says why."""


class Missing(Unreachable):
    """There is no object at the model's address."""
