"""Nearest neighbours are compiled: the same neighbours, shares and labels."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from function.model.engines.plan import PlanEngine
from model_training.bundling.exact.build import build
from model_training.bundling.exact.estimators import neighbors

CHANCE = np.random.default_rng(0)
X = pd.DataFrame(CHANCE.normal(size=(150, 3)), columns=["a", "b", "c"])
NEW = pd.concat([X.head(20), pd.DataFrame(CHANCE.normal(size=(200, 3)), columns=["a", "b", "c"])], ignore_index=True)
CLASSES = np.array(["x", "y", "z"])[(X["a"] > 0).astype(int) + (X["b"] > 1)]


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("options", [{}, {"p": 1}, {"algorithm": "kd_tree"}, {"metric": "manhattan"}], ids=str)
@pytest.mark.parametrize("kind", [KNeighborsClassifier, KNeighborsRegressor])
def test_neighbours_are_those_of_scikit_learn(kind: Any, options: dict[str, Any], weights: str) -> None:
    """Fitted rows among those predicted, so that distances are zero."""
    target = CLASSES if kind is KNeighborsClassifier else X["a"] * X["b"]
    model = make_pipeline(StandardScaler(), kind(4, weights=weights, **options)).fit(X, target)
    built = build(model, X, NEW)
    assert built.proof, built.proof.reason
    has = kind is KNeighborsClassifier
    graph = built.members["estimator.onnx"]
    engine = PlanEngine(built.members["plan.json"], graph, ["a", "b", "c"], probabilities=has, tolerance=1e-12)
    outputs = engine.predict_columns([NEW[name].to_numpy() for name in NEW])
    if has:
        assert outputs.probabilities is not None
        assert outputs.labels.tolist() == model.predict(NEW).tolist()
        np.testing.assert_allclose(outputs.probabilities, model.predict_proba(NEW), rtol=0, atol=1e-12)
    else:
        np.testing.assert_allclose(outputs.labels, model.predict(NEW), rtol=1e-12)
    assert engine.batch_rows < 10_000


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (KNeighborsClassifier(metric="chebyshev"), "another distance"),
        (KNeighborsClassifier(metric="minkowski", p=3), "another distance"),
        (KNeighborsClassifier(weights=np.sqrt), "weights of your own"),
    ],
)
def test_other_neighbours_are_refused(model: Any, reason: str) -> None:
    """By name."""
    built = build(model.fit(X, CLASSES), X)
    assert built.members == {}
    assert reason in built.proof.reason


def test_more_rows_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row of a request is compared with all of them."""
    monkeypatch.setattr(neighbors, "MAX_CELLS", 100)
    built = build(KNeighborsClassifier().fit(X, CLASSES), X)
    assert "neighbours among 450 numbers; 100 are allowed" in built.proof.reason
