"""Damaged bodies of every format against a live process: each a 4xx that names the place, and never an answer."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.damaged import Damaged, damaged_bodies
from tests.support.formats import JSON
from tests.support.function_process import FunctionProcess

BODIES = list(damaged_bodies(0))
MEMORY = 60 * 2**20
"""How much more memory the process may have had."""


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A function that serves the sample's bundle."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


def test_there_are_many() -> None:
    """Of each format."""
    counts = Counter(body.media_type for body in BODIES)
    assert len(BODIES) >= 400
    assert min(counts.values()) >= 60, counts


def test_each_is_refused_by_its_place(function: FunctionProcess) -> None:
    """On `/predict` by 422, on `/invocations` by 400; the values are not repeated, and the process lives on."""
    function.client.post("/predict", json={"instances": []})
    before = function.peak_memory()
    for damaged in BODIES:
        paths = ["/invocations"] if damaged.media_type == JSON else ["/predict", "/invocations"]
        for path in paths:
            response = function.client.post(path, content=damaged.body, headers={"Content-Type": damaged.media_type})
            content = {} if response.status_code == 200 else response.json()
            _check(damaged, path, response.status_code, content)
    assert "stack_trace" not in function.log()
    assert function.peak_memory() - before < MEMORY


def _check(damaged: Damaged, path: str, status: int, content: dict[str, str]) -> None:
    if damaged.place == "?" and status == 200:  # A word that means nothing, such as padding.
        return
    assert status in ((400, 413) if path == "/invocations" else (422, 413)), (damaged, path, status)
    message = content["message" if path == "/invocations" else "error"]
    assert message, damaged
    assert damaged.place.strip("?") in message, (damaged.kind, damaged.place, message)
