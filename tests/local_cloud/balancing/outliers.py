"""Which regions get no requests for a while, since they failed (outlier detection)."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Outliers:
    """Counts failures in a row by group, and ejects groups: each time for longer."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Take the time from `seconds`."""
        self._seconds = seconds
        self._failures: dict[str, int] = {}
        self._ejections: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def chosen(self, groups: Sequence[str]) -> str:
        """Return the nearest group, which is the first, that is not ejected."""
        return next((group for group in groups if not self._out(group)), groups[0])

    def note(self, group: str, groups: Sequence[str], detection: Mapping[str, Any] | None, *, failed: bool) -> None:
        """Count an answer; eject its group after too many failures in a row, unless too many are ejected."""
        self._failures[group] = self._failures.get(group, 0) + 1 if failed else 0
        if not detection or self._failures[group] < int(detection["consecutiveErrors"]):
            return
        self._failures[group] = 0
        out = sum(self._out(each) for each in groups) + 1
        if out * 100 <= int(detection["maxEjectionPercent"]) * len(groups):
            self._ejections[group] = self._ejections.get(group, 0) + 1
            seconds = int(detection["baseEjectionTime"]["seconds"])
            self._until[group] = self._seconds() + seconds * self._ejections[group]

    def _out(self, group: str) -> bool:
        return self._seconds() < self._until.get(group, 0)
