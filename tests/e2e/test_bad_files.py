"""Files that must not be served: the process stays up and small, and says what is wrong with them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_training.bundling.building import Packed
from tests.support.bad_files import BAD_FILES, MAX_MODEL_BYTES
from tests.support.function_process import FunctionProcess

MARKER = Path("/tmp/taxiway-was-here")  # noqa: S108 (named in the pickles)
SPARE_BYTES = 100 * 10**6
"""For the libraries that the first joblib file imports, among others."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the function looks for its model."""
    return tmp_path_factory.mktemp("models") / "model"


@pytest.fixture(scope="module")
def function(address: Path) -> Iterator[FunctionProcess]:
    """One process for all the files, none of which it may take to heart."""
    with FunctionProcess({"MODEL_URI": str(address), "MODEL_REFRESH_SECONDS": "0"}) as running:
        yield running


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused(function: FunctionProcess, address: Path, packed: Packed, name: str) -> None:
    """503 with the reason, in /model too; no code of the file has run; memory stays bounded."""
    make, reason = BAD_FILES[name]
    address.write_bytes(make(packed))
    before = function.memory()
    function.forget_peak_memory()
    response = function.client.post("/predict", json={"instances": []})
    assert response.status_code == 503
    assert re.search(reason, response.json()["error"])
    assert re.search(reason, function.client.get("/model").json()["refused"]["reason"])
    assert function.client.get("/health").status_code == 200
    assert not MARKER.exists()
    assert function.peak_memory() - before < MAX_MODEL_BYTES + SPARE_BYTES


def test_a_good_file_ends_it(function: FunctionProcess, address: Path, packed: Packed) -> None:
    """After all of them."""
    address.write_bytes(packed.data)
    assert function.client.post("/predict", json={"instances": []}).json() == {"predictions": []}
    assert function.client.get("/model").json()["refused"] is None
