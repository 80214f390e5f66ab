"""model_training/bundling/exact/estimators: boosters inside estimators of scikit-learn, asked at every edge."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model_training.bundling.exact.build import build
from tests.integration.exact.boosters import BOOSTERS, NUMBERS, TARGETS

EDGES = 1000
pytestmark = pytest.mark.filterwarnings("ignore:X does not have valid feature names")


def part(name: str) -> Any:
    """Return a booster that is not fitted."""
    return BOOSTERS[name].make()


INSIDE: dict[str, tuple[Callable[[], Any], str]] = {
    "LightGBM, sigmoid": (lambda: CalibratedClassifierCV(part("lightgbm: binary"), cv=2), "two"),
    "LightGBM, three": (lambda: CalibratedClassifierCV(part("lightgbm: multiclass"), cv=2), "words"),
    "LightGBM, isotonic": (
        lambda: CalibratedClassifierCV(part("lightgbm: binary"), method="isotonic", cv=2),
        "two",
    ),
    "LightGBM, one for each class": (
        lambda: CalibratedClassifierCV(part("lightgbm: multiclassova"), cv=2, ensemble=False),
        "three",
    ),
    "LightGBM, rest": (lambda: OneVsRestClassifier(part("lightgbm: binary")), "three"),
    "LightGBM, votes": (
        lambda: VotingClassifier([("a", part("lightgbm: binary")), ("b", part("lightgbm: goss"))], voting="soft"),
        "two",
    ),
    "LightGBM, stacked": (
        lambda: StackingClassifier([("a", part("lightgbm: binary"))], LogisticRegression(), cv=2),
        "two",
    ),
    "LightGBM, stacked scores": (
        lambda: StackingClassifier(
            [("a", part("lightgbm: binary"))], LogisticRegression(), cv=2, stack_method="decision_function"
        ),
        "two",
    ),
    "LightGBM, stacked values": (
        lambda: StackingRegressor([("a", part("lightgbm: regression"))], Ridge(), cv=2),
        "value",
    ),
    "LightGBM, of a scaled target": (
        lambda: TransformedTargetRegressor(part("lightgbm: regression"), transformer=StandardScaler()),
        "value",
    ),
    "LightGBM, of a logarithm": (
        lambda: TransformedTargetRegressor(part("lightgbm: regression"), func=np.log1p, inverse_func=np.expm1),
        "positive",
    ),
    "CatBoost, sigmoid": (lambda: CalibratedClassifierCV(part("catboost: Logloss, missing is small"), cv=2), "two"),
    "CatBoost, of a logarithm": (
        lambda: TransformedTargetRegressor(part("catboost: Poisson"), func=np.log1p, inverse_func=np.expm1),
        "count",
    ),
    "XGBoost, sigmoid": (lambda: CalibratedClassifierCV(part("xgboost: logistic"), cv=2), "two"),
    "XGBoost, three": (lambda: CalibratedClassifierCV(part("xgboost: softprob"), cv=2), "three"),
    "XGBoost, scaled": (
        lambda: CalibratedClassifierCV(make_pipeline(StandardScaler(), part("xgboost: logistic")), cv=2),
        "two",
    ),
    "XGBoost, searched": (
        lambda: CalibratedClassifierCV(
            GridSearchCV(part("xgboost: logistic"), {"max_depth": [2, 3]}, cv=2), cv=2, ensemble=False
        ),
        "two",
    ),
}


@pytest.mark.parametrize("name", INSIDE)
def test_predicts_what_the_whole_model_predicts(name: str) -> None:
    """No label differs at the edges of the trees, and numbers by what links are rounded."""
    make, target = INSIDE[name]
    X = pd.DataFrame(NUMBERS, columns=list("abcdef"))
    if "stacked" in name or "scaled" in name:  # Scikit-learn's last estimators accept no missing numbers.
        X = X.fillna(0.5)
    model = make().fit(X, TARGETS[target])
    proof = build(model, X).proof
    assert proof.reason == ""
    assert proof.kind == "composition"
    assert proof.differing_labels == 0
    assert proof.largest_difference <= (1e-6 if "XGBoost" in name else 1e-12)
    assert proof.edge_rows > EDGES


@pytest.mark.parametrize(
    "make",
    [
        lambda: CalibratedClassifierCV(part("xgboost: logistic"), method="isotonic", cv=2),
        lambda: VotingClassifier([("a", part("xgboost: logistic"))], voting="soft"),
        lambda: OneVsRestClassifier(part("xgboost: logistic")),
    ],
)
def test_what_goes_on_in_single_precision_is_refused(make: Callable[[], Any]) -> None:
    """Its last digits depend on the order of scikit-learn's own operations."""
    X = pd.DataFrame(NUMBERS, columns=list("abcdef"))
    proof = build(make().fit(X, TARGETS["two"]), X).proof
    assert "XGBoost inside an estimator that goes on in single precision" in proof.reason
