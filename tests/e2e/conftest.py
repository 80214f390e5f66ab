"""The function that several files here ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.function_process import FunctionProcess
from tests.support.targets import MAX_ROWS, TARGETS, function_of


@pytest.fixture(scope="module", params=TARGETS)
def function(
    request: pytest.FixtureRequest, bundle_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FunctionProcess]:
    """A running function that serves the sample's bundle."""
    environment = {"MODEL_URI": str(bundle_path), "MAX_ROWS": str(MAX_ROWS)}
    with function_of(request.param, environment, tmp_path_factory.mktemp("function")) as running:
        yield running
