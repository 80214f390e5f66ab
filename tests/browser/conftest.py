"""The browser that the tests of this folder share."""

import os
from collections.abc import Iterator

import pytest

from tests.browser.chromium import Browser, chromium


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that starts once; each test opens what it needs."""
    with chromium(tmp_path_factory.mktemp("chromium"), os.environ) as running:
        yield running
