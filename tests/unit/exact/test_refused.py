"""model_training/bundling/exact: what has no exact translation is refused by name."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import ensemble, linear_model, neighbors, tree
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer

from model_training.bundling.exact.build import build
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees import structure
from model_training.bundling.exact.trees.scikit_learn import read_ensemble

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.normal(size=60), "n": RNG.integers(1, 9, 60), "t": ["x", "y", "z"] * 20})
NUMBERS = ["a", "n"]
Y = X["a"].to_numpy() + X["n"].to_numpy()


def halved(x: Any) -> Any:
    """Stand for a function that only its author knows."""
    return x / 2


def numbers(transformer: Any) -> Any:
    """Put a transformer of numbers before a linear model."""
    return make_pipeline(ColumnTransformer([("numbers", transformer, NUMBERS)]), linear_model.Ridge())


REFUSED: dict[str, tuple[Any, Any]] = {
    "RadiusNeighborsRegressor": (numbers("passthrough").set_params(ridge=neighbors.RadiusNeighborsRegressor(9.0)), Y),
    "a function of your own": (numbers(FunctionTransformer(halved)), Y),
    "no floats": (numbers(FunctionTransformer(np.square)), Y),
    "KNNImputer": (numbers(KNNImputer()), Y),
    "the extrapolation periodic": (numbers(SplineTransformer(extrapolation="periodic")), Y),
    "several outputs": (
        numbers("passthrough").set_params(ridge=tree.DecisionTreeRegressor()),
        np.column_stack([Y, Y]),
    ),
    "a regression of several outputs": (numbers("passthrough"), np.column_stack([Y, Y])),
    "an estimator of your own": (
        numbers("passthrough").set_params(ridge=ensemble.GradientBoostingRegressor(init=linear_model.Ridge())),
        Y,
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refuses_by_name(reason: str) -> None:
    """There are no members, and the proof gives the reason."""
    model, y = REFUSED[reason]
    built = build(model.fit(X, y), X)
    assert built.members == {}
    assert not built.proof
    assert reason in built.proof.reason


def test_text_that_reaches_numbers_is_refused() -> None:
    """A column of text is no number."""
    text = pd.DataFrame({"t": X["t"]})
    model = make_pipeline(FunctionTransformer(None), ensemble.HistGradientBoostingRegressor(max_iter=2))
    fitted = model.set_params(histgradientboostingregressor__categorical_features="from_dtype").fit(
        text.astype("category"), Y
    )
    assert "text" in build(fitted, text).proof.reason


def test_refuses_more_nodes_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ensemble has a largest size."""
    monkeypatch.setattr(structure, "MAX_NODES", 10)
    with pytest.raises(Refused, match="10 are allowed"):
        read_ensemble(tree.DecisionTreeRegressor().fit(X[NUMBERS], Y))
