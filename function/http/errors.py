"""HTTP statuses and headers of the expected failures."""

from collections.abc import Mapping

from function.errors import BadInput, NotFound, Overloaded, Problem, TimedOut, TooLarge, Unavailable


class MethodNotAllowed(Problem):
    """The path exists, but does not support the method."""

    def __init__(self, allowed: str) -> None:
        """Set the message; `allowed` is the value of the Allow header, such as `GET, HEAD`."""
        super().__init__(f"This path does not support the method. Allowed: {allowed}.")
        self.allowed = allowed


class UnsupportedMediaType(Problem):
    """The path has no bodies of this Content-Type, or the Content-Encoding is not gzip."""


class NotAcceptable(Problem):
    """The response has no format that the header Accept admits."""


class BodyTimedOut(Problem):
    """The body of the request did not arrive in time."""


STATUSES: Mapping[type[Problem], int] = {
    BadInput: 400,
    NotFound: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    BodyTimedOut: 408,
    TooLarge: 413,
    UnsupportedMediaType: 415,
    Unavailable: 503,
    Overloaded: 503,
    TimedOut: 504,
}
"""Any other class has status 500. A dialect may have another status for BadInput."""


def status_of(problem: Problem) -> int:
    """Return the HTTP status of a failure."""
    return STATUSES.get(type(problem), 500)


def headers_of(problem: Problem) -> Mapping[str, str]:
    """Return the headers that a failure's response needs."""
    if isinstance(problem, MethodNotAllowed):
        return {"Allow": problem.allowed}
    if isinstance(problem, Unavailable):
        return {"Retry-After": str(problem.retry_after)}
    if isinstance(problem, BodyTimedOut):
        return {"Connection": "close"}
    return {}
