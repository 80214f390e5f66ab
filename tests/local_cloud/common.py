"""What all services but Cloud Storage share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.local_cloud.access.callers import Tokens
from tests.local_cloud.clock import Clock
from tests.local_cloud.policies import Policies
from tests.local_cloud.project import Project
from tests.local_cloud.regular.long_running import LongRunning

if TYPE_CHECKING:
    from tests.local_cloud.regular.collection import Collection


def _numbers() -> Iterator[int]:
    return itertools.count(100000000000000001)


@dataclass(frozen=True)
class Common:
    """The project, the time, numbers that Google makes up, IAM policies, operations, tokens, and all collections."""

    project: Project = field(default_factory=Project)
    clock: Clock = field(default_factory=Clock)
    numbers: Iterator[int] = field(default_factory=_numbers)
    policies: Policies = field(default_factory=Policies)
    long_running: LongRunning = field(default_factory=LongRunning)
    tokens: Tokens = field(default_factory=Tokens)
    collections: list[Collection] = field(default_factory=list)

    def number(self) -> str:
        """Return a number that nothing else has."""
        return str(next(self.numbers))
