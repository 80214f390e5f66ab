"""Takes the steps one by one."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from tests.local_cloud import LocalCloud


class World(Protocol):
    """Whatever steps are about."""

    @property
    def clouds(self) -> tuple[LocalCloud, ...]:
        """The clouds that steps call."""


AnyWorld = TypeVar("AnyWorld", bound=World)


def take(world: AnyWorld, name: str, step: Callable[[AnyWorld], str]) -> str:
    """Take a step and return what it saw; it fails too if a call or a response was not as Google documents it."""
    for cloud in world.clouds:
        cloud.access.step = name
    seen = step(world)
    differences = [*dict.fromkeys(str(each) for cloud in world.clouds for each in cloud.differences)]
    assert not differences, "Not as Google's documents describe it:\n" + "\n".join(differences)
    return seen
