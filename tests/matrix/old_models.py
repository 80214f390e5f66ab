"""Fit models with the scikit-learn of the environment: `python old_models.py FOLDER [NAME ...]`.

For each name, FOLDER gets NAME.joblib, and NAME.json with what that version predicts for the rows of sample.csv. This
file imports nothing of the project, because it is run by other versions than the project's own.
"""

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    discriminant_analysis,
    ensemble,
    linear_model,
    naive_bayes,
    neural_network,
    svm,
    tree,
)
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 200
FEATURES = ["city", "weight", "stops"]
Make = Callable[[], Any]


def two_parts() -> list[tuple[str, Any]]:
    """Make the parts of an ensemble."""
    return [("linear", linear_model.LogisticRegression()), ("tree", tree.DecisionTreeClassifier(max_depth=3))]


CLASSIFIERS: dict[str, Make] = {
    "LogisticRegression": linear_model.LogisticRegression,
    "LogisticRegressionCV": lambda: linear_model.LogisticRegressionCV(cv=3),
    "RidgeClassifier": linear_model.RidgeClassifier,
    "SGDClassifier": lambda: linear_model.SGDClassifier(random_state=0),
    "Perceptron": linear_model.Perceptron,
    "LinearSVC": svm.LinearSVC,
    "SVC": svm.SVC,
    "SVC with probabilities": lambda: svm.SVC(probability=True, random_state=0),
    "DecisionTreeClassifier": lambda: tree.DecisionTreeClassifier(max_depth=5, random_state=0),
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(20, random_state=0),
    "ExtraTreesClassifier": lambda: ensemble.ExtraTreesClassifier(20, random_state=0),
    "GradientBoostingClassifier": lambda: ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0),
    "HistGradientBoostingClassifier": lambda: ensemble.HistGradientBoostingClassifier(max_iter=20, random_state=0),
    "AdaBoostClassifier": lambda: ensemble.AdaBoostClassifier(n_estimators=10, random_state=0),
    "BaggingClassifier": lambda: ensemble.BaggingClassifier(n_estimators=5, random_state=0),
    "GaussianNB": naive_bayes.GaussianNB,
    "BernoulliNB": naive_bayes.BernoulliNB,
    "LinearDiscriminantAnalysis": discriminant_analysis.LinearDiscriminantAnalysis,
    "MLPClassifier": lambda: neural_network.MLPClassifier(hidden_layer_sizes=(8,), max_iter=50, random_state=0),
    "CalibratedClassifierCV": lambda: calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=3),
    "VotingClassifier": lambda: ensemble.VotingClassifier(two_parts(), voting="soft"),
    "StackingClassifier": lambda: ensemble.StackingClassifier(two_parts()),
}
REGRESSORS: dict[str, Make] = {
    "LinearRegression": linear_model.LinearRegression,
    "Ridge": linear_model.Ridge,
    "Lasso": lambda: linear_model.Lasso(alpha=0.01),
    "ElasticNet": lambda: linear_model.ElasticNet(alpha=0.01),
    "HuberRegressor": linear_model.HuberRegressor,
    "BayesianRidge": linear_model.BayesianRidge,
    "PoissonRegressor": linear_model.PoissonRegressor,
    "SVR": svm.SVR,
    "LinearSVR": svm.LinearSVR,
    "RidgeCV": linear_model.RidgeCV,
    "SGDRegressor": lambda: linear_model.SGDRegressor(random_state=0),
    "DecisionTreeRegressor": lambda: tree.DecisionTreeRegressor(max_depth=5, random_state=0),
    "RandomForestRegressor": lambda: ensemble.RandomForestRegressor(20, random_state=0),
    "GradientBoostingRegressor": lambda: ensemble.GradientBoostingRegressor(n_estimators=20, random_state=0),
    "HistGradientBoostingRegressor": lambda: ensemble.HistGradientBoostingRegressor(max_iter=20, random_state=0),
    "MLPRegressor": lambda: neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0),
    "TransformedTargetRegressor": lambda: TransformedTargetRegressor(
        linear_model.LinearRegression(), func=np.log1p, inverse_func=np.expm1
    ),
}
NAMES = (*CLASSIFIERS, *REGRESSORS)


def table() -> pd.DataFrame:
    """Make rows with a category, a number, and a number that is missing here and there."""
    chance = np.random.default_rng(0)
    city = chance.choice(["Lima", "Quito", "Santiago"], ROWS)
    stops = chance.integers(0, 5, ROWS).astype(float)
    stops[::9] = np.nan
    X = pd.DataFrame({"city": city, "weight": chance.normal(size=ROWS).round(3), "stops": stops})
    size = (X["weight"] + X["stops"].fillna(2) + (X["city"] == "Lima")).to_numpy()
    return X.assign(
        group=np.where(size > 4, "large", np.where(size > 2, "middle", "small")),
        late=np.where(size > 2.5, "late", "early"),
        delay=(np.abs(size) + 0.1).round(4),
    )


def fitted(name: str, rows: pd.DataFrame) -> Any:
    """Fit a model on rows of `table`: of three classes, two classes or values."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["city"]), (numbers, ["weight", "stops"])
    )
    target = "delay" if name in REGRESSORS else "group" if NAMES.index(name) % 3 == 0 else "late"
    return make_pipeline(encoder, {**CLASSIFIERS, **REGRESSORS}[name]()).fit(rows[FEATURES], rows[target])


def main(folder: str, *names: str) -> None:
    """Write the models, the sample and the predictions."""
    warnings.simplefilter("ignore")
    rows = table()
    rows[FEATURES].to_csv(Path(folder, "sample.csv"), index=False)
    for name in names or NAMES:
        model = fitted(name, rows)
        joblib.dump(model, Path(folder, f"{name}.joblib"))
        predicted = {"labels": model.predict(rows[FEATURES]).tolist()}
        if hasattr(model, "predict_proba"):
            predicted["probabilities"] = model.predict_proba(rows[FEATURES]).tolist()
        Path(folder, f"{name}.json").write_text(json.dumps(predicted))


if __name__ == "__main__":
    main(*sys.argv[1:])
