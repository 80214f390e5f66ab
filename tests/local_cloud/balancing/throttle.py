"""How many requests each client may make (Cloud Armor)."""

import time
from collections.abc import Callable

from tests.local_cloud.regular.resource import Resource


class Throttle:
    """Counts requests by policy, rule and client, in windows that follow each other."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Take the time from `seconds`."""
        self._seconds = seconds
        self._counts: dict[tuple[str, int, str, int], int] = {}

    def admits(self, policy: Resource, client: str) -> bool:
        """Count a request; tell whether the first rule lets it through. All rules are for everybody here."""
        rule = min(policy.fields["rules"], key=lambda rule: int(rule["priority"]))
        if rule["action"] != "throttle":
            return bool(rule["action"] == "allow")
        limit = rule["rateLimitOptions"]["rateLimitThreshold"]
        window = int(self._seconds() // int(limit["intervalSec"]))
        key = (policy.name, int(rule["priority"]), client, window)
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key] <= int(limit["count"])
