"""The journal: which calls were made, so that a test can count them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Call:
    """One request, noted when it arrives and before it is answered.

    `kind` is one word such as "download" (a service's table of routes lists its kinds);
    `bucket` and `object_name` are empty where a call has none.
    """

    kind: str
    method: str
    url: str
    bucket: str = ""
    object_name: str = ""

    def matches(self, kind: str | None, bucket: str | None, object_name: str | None) -> bool:
        """Tell whether the call is of this kind, bucket and object; None stands for any."""
        wanted = ((kind, self.kind), (bucket, self.bucket), (object_name, self.object_name))
        return all(value is None or value == actual for value, actual in wanted)


class Journal:
    """All calls since the start or the last `clear`; safe to use from several threads."""

    def __init__(self) -> None:
        """Start with no calls."""
        self._calls: list[Call] = []
        self._changed = threading.Condition()

    def __iter__(self) -> Iterator[Call]:
        """Iterate over a copy, oldest call first."""
        with self._changed:
            return iter(list(self._calls))

    def record(self, call: Call) -> None:
        """Add a call."""
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()

    def count(self, kind: str | None = None, bucket: str | None = None, object_name: str | None = None) -> int:
        """Return the number of calls of this kind, bucket and object; None stands for any."""
        return sum(call.matches(kind, bucket, object_name) for call in self)

    def wait(self, kind: str | None = None, count: int = 1, timeout: float = 10.0) -> None:
        """Block until `count` calls of this kind have arrived; TimeoutError after `timeout` s."""

        def arrived() -> bool:
            return sum(call.matches(kind, None, None) for call in self._calls) >= count

        with self._changed:
            if not self._changed.wait_for(arrived, timeout):
                raise TimeoutError(f"fewer than {count} calls of kind {kind!r} after {timeout} s")

    def clear(self) -> None:
        """Forget all calls."""
        with self._changed:
            self._calls.clear()
