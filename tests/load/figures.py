"""What a client saw of a service under load."""

from msgspec import Struct


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts, and times in milliseconds from a request to its answer."""

    requests: int
    """Answered, whatever the status."""
    seconds: float
    p50: float
    p95: float
    p99: float
    max: float
    failed: int
    """Answered by a status that is not 2xx."""
    lost: int
    """Not answered at all."""
    checked: int
    """Answers whose body was compared with the right one."""
    wrong: int
    """Of these, the ones that differed."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds

    @property
    def unsound(self) -> float:
        """The share of requests that failed or were answered wrongly; all of them where nothing was checked."""
        if not self.requests or not self.checked:
            return 1.0
        return (self.failed + self.lost) / (self.requests + self.lost) + self.wrong / self.checked
