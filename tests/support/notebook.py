"""Models as a notebook fits them: run in a folder with sample.csv, `python notebook.py NAME` writes model.joblib."""

import sys
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

rows = pd.read_csv("sample.csv")
X, y = rows.drop(columns="late"), rows["late"]
mask = X.dtypes != X["city"].dtype


def score(actual: Any, predicted: Any) -> Any:
    """Score."""
    return f1_score(actual, predicted, pos_label="late")


def numbers(table: Any) -> Any:
    """Choose columns."""
    return ["weight", "stops"]


def importance(X: Any, y: Any) -> Any:
    """Rank features."""
    return np.arange(X.shape[1], dtype=float)


def doubled(values: Any) -> Any:
    """Double."""
    return values * 2


encoder = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")), (OneHotEncoder(), ["city"])
)
models = {
    "scorer": lambda: GridSearchCV(
        make_pipeline(encoder, LogisticRegression()),
        {"logisticregression__C": [1.0, 2.0]},
        scoring=make_scorer(score),
        cv=3,
    ),
    "selector": lambda: make_pipeline(
        make_column_transformer(
            (StandardScaler(), numbers), (OneHotEncoder(categories=[X.city.unique()]), X[["city"]].columns)
        ),
        LogisticRegression(),
    ),
    "mask": lambda: make_pipeline(make_column_transformer((StandardScaler(), mask)), LogisticRegression()),
    "importance": lambda: make_pipeline(encoder, SelectKBest(importance, k=2), LogisticRegression()),
    "inner search": lambda: make_pipeline(
        encoder,
        RandomizedSearchCV(KNeighborsClassifier(), {"n_neighbors": [3, 5]}, n_iter=2, scoring=make_scorer(score)),
    ),
    "memory": lambda: Pipeline(
        [("encode", encoder), ("classify", KNeighborsClassifier())], memory=joblib.Memory("cache", verbose=0)
    ),
    "function": lambda: make_pipeline(
        make_column_transformer((FunctionTransformer(doubled), ["weight", "stops"])), LogisticRegression()
    ),
}
if __name__ == "__main__":
    joblib.dump(models[sys.argv[1]]().fit(X, y), "model.joblib")
    joblib.dump(models[sys.argv[1]]().fit(X, y).predict(X).tolist(), "expected")
