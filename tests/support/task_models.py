"""Models of other tasks than one target: outlier detectors, clusterers, and several outputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import OneClassSVM

from tests.support.foreign_models import table

COLUMNS = ["town", "age", "gain"]


def rows() -> pd.DataFrame:
    """Return the rows that the models are fitted on."""
    return table()[COLUMNS]


def _encoded(estimator: Any, y: Any = None) -> Any:
    parts = [("town", OneHotEncoder(), ["town"]), ("numbers", StandardScaler(), ["age", "gain"])]
    return Pipeline([("encode", ColumnTransformer(parts)), ("model", estimator)]).fit(rows(), y)


def two_values() -> np.ndarray[Any, Any]:
    """Return the targets of a regression with two outputs, [n, 2]."""
    X = rows()
    return np.column_stack([X["age"] * 2.0, X["gain"] - X["age"]])


def two_texts() -> np.ndarray[Any, Any]:
    """Return the targets of a classification with two outputs, [n, 2]."""
    X = rows()
    age = np.where(X["age"] > 60, "old", np.where(X["age"] > 30, "middle", "young"))
    return np.column_stack([age, np.where(X["gain"] > 2, "big", "small")])


def three_flags() -> np.ndarray[Any, Any]:
    """Return the targets of a multi-label classification, [n, 3]."""
    X = rows()
    return np.column_stack([X["age"] > 40, X["gain"] > 1, X["town"] == "Lima"]).astype(int)


TASK_MODELS: dict[str, Callable[[], Any]] = {
    "isolation-forest": lambda: _encoded(IsolationForest(n_estimators=20, random_state=0)),
    "one-class-svm": lambda: _encoded(OneClassSVM(nu=0.2)),
    "local-outlier-factor": lambda: _encoded(LocalOutlierFactor(novelty=True)),
    "elliptic-envelope": lambda: make_pipeline(StandardScaler(), EllipticEnvelope(random_state=0)).fit(
        rows()[["age", "gain"]]
    ),
    "k-means": lambda: _encoded(KMeans(3, random_state=0)),
    "mini-batch-k-means": lambda: MiniBatchKMeans(4, random_state=0).fit(rows()[["age", "gain"]]),
    "gaussian-mixture": lambda: _encoded(GaussianMixture(3, random_state=0)),
    "two-values": lambda: _encoded(LinearRegression(), two_values()),
    "two-texts": lambda: _encoded(RandomForestClassifier(10, random_state=0), two_texts()),
    "three-flags": lambda: _encoded(MultiOutputClassifier(LogisticRegression()), three_flags()),
}
"""Fitted models by name, all on columns of `rows()`."""
TASKS = {
    **dict.fromkeys(["isolation-forest", "one-class-svm", "local-outlier-factor", "elliptic-envelope"], "outlier"),
    **dict.fromkeys(["k-means", "mini-batch-k-means", "gaussian-mixture"], "cluster"),
    "two-values": "multioutput-regression",
    **dict.fromkeys(["two-texts", "three-flags"], "multioutput-classification"),
}
