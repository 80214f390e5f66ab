"""Nearest neighbours are scikit-learn's own, also where several rows are at the same distance."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from function.model.loaded import load
from tests.support.foreign_models import Foreign
from tests.support.packed_models import columns_of, packed_of

ROWS = 300


@pytest.mark.parametrize("algorithm", ["auto", "brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("kind", [KNeighborsClassifier, KNeighborsRegressor])
def test_ties_are_decided_as_scikit_learn_does(kind: Any, algorithm: str) -> None:
    """Midpoints between fitted rows are as far from the one as from the other."""
    chance = np.random.default_rng(0)
    X = pd.DataFrame(chance.normal(size=(ROWS, 3)), columns=["a", "b", "c"])
    target = chance.integers(0, 2, ROWS) if kind is KNeighborsClassifier else chance.normal(size=ROWS)
    model = kind(5, algorithm=algorithm).fit(X, target)
    packed = packed_of(Foreign(model, X, pd.Series(target, name="y")), "neighbours")
    live = load(packed.data, None, 10_000_000)
    one, other = chance.integers(0, ROWS, (2, 4000))
    middle = pd.DataFrame((X.to_numpy()[one] + X.to_numpy()[other]) / 2, columns=list(X))
    assert live.engine.name == "sklearn"
    assert live.predict_columns(columns_of(live, middle)).labels.tolist() == model.predict(middle).tolist()
