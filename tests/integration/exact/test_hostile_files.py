"""Damaged files of boosters: read as what they say, or refused; and never the end of the process that packs them."""

import numpy as np
import pandas as pd
import pytest

from model_training.bundling.exact.boosters.open import open_native
from model_training.bundling.exact.refused import Refused
from tests.integration.exact.boosters import FULL, NUMBERS
from tests.integration.exact.hostile_files import damaged, native_files, read

FILES = native_files()
DAMAGED, OPENED = 300, 12
SEED = 3


@pytest.mark.parametrize("name", FILES)
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


@pytest.mark.parametrize("name", ["xgboost.ubj", "lightgbm.txt", "catboost.json"])
def test_a_damaged_file_that_crashes_its_library_is_refused(name: str) -> None:
    """It is loaded in a process of its own first; some of these files end that process."""
    _, data = FILES[name]
    X = NUMBERS if name == "catboost.json" else FULL
    rows = pd.DataFrame(X, columns=[f"x{place}" for place in range(X.shape[1])])
    suffix = "." + name.partition(".")[2]
    assert hasattr(open_native(suffix, data, rows), "predict")
    messages = []
    for each in damaged(data, np.random.default_rng(7), OPENED):
        try:
            open_native(suffix, each, rows)
        except Refused as error:
            messages.append(str(error))
    assert all(messages)
    assert messages
    if name == "lightgbm.txt":
        assert any("crashes the library" in message for message in messages)
