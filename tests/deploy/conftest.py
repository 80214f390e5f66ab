"""What the tests of a strict cloud ask for."""

from collections.abc import Iterator

import pytest

from tests.deploy.strict_world import World
from tests.local_cloud import LocalCloud


@pytest.fixture
def world() -> Iterator[World]:
    """A cloud of its own."""
    with LocalCloud(strict=True) as cloud:
        world = World(cloud)
        yield world
        world.api.close()
