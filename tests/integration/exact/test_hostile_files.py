"""Damaged files of boosters: read as what they say, or refused; and never the end of the process that packs them."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from model_training.bundling.exact.boosters.trial import PROCESS, check_ending, try_to_load
from model_training.bundling.exact.refused import Refused
from tests.integration.exact.hostile_files import damaged, native_files, read
from tests.integration.exact.hostile_packing import EQUAL, attack, files

FILES = native_files()
READ = [name for name in FILES if not name.endswith(".cbm")]
"""CatBoost's own format is read by CatBoost alone."""
DAMAGED, PACKED = 300, 10
SEED = 3


@pytest.mark.parametrize("name", READ)
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    """Nothing else is raised, and most are refused; what is not was damaged where nothing is read."""
    library, data = FILES[name]
    read(library, data)
    refused = 0
    for each in damaged(data, np.random.default_rng(SEED), DAMAGED):
        try:
            read(library, each)
        except Refused:
            refused += 1
    assert refused > DAMAGED / 3


def test_a_damaged_file_is_packed_or_refused() -> None:
    """By all that `pack` does, in every format: each is served as its library predicts, or refused with a sentence."""
    outcomes: Counter[str] = Counter()
    for name, data in files().items():
        found = attack(name, data, PACKED)
        assert found.faults == []
        assert found.outcomes.total() == PACKED
        outcomes += found.outcomes
    assert set(outcomes) == {"refused", EQUAL}


def test_a_file_that_crashes_its_library_is_refused() -> None:
    """It ends a process of its own, whose ending says so: XGBoost reads a name of 3 GB past the end of the file."""
    library, data = FILES["xgboost.ubj"]
    name, length = b"learner", b"L" + (7).to_bytes(8, "big")
    assert length + name in data
    crashing = data.replace(length + name, b"L" + (0xC8000000).to_bytes(8, "big") + name, 1)
    with pytest.raises(Refused, match=r"crashes the library .signal 11"):
        try_to_load(library, crashing, "")


def test_a_process_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    """The limit is in the message, or the library's own."""
    (tmp_path / "model").write_bytes(FILES["xgboost.ubj"][1])
    command: list[str | Path] = [sys.executable, "-P", PROCESS, "xgboost", "", tmp_path / "model", str(2**27)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode
    with pytest.raises(Refused, match=r"cannot load the file: .|crashes the library"):
        check_ending("xgboost", done.returncode, done.stderr)
