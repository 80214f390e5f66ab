"""Models as a team would bring them: small, real, of every task, with the rows they were fitted on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer, StandardScaler
from sklearn.svm import LinearSVC

ROWS = 300
CITIES = ["Lima", "Quito", "Santiago"]


@dataclass(frozen=True)
class Foreign:
    """A fitted model and the table it knows."""

    model: Any
    X: pd.DataFrame
    y: Any
    """The targets; None if there are none."""


def table(seed: int = 0) -> pd.DataFrame:
    """Make a table with text, a category, whole numbers, and numbers some of which are missing."""
    chance = np.random.default_rng(seed)
    numbers = chance.normal(size=ROWS)
    numbers[::7] = np.nan
    city = chance.choice(CITIES, ROWS).astype(object)
    city[::11] = np.nan
    return pd.DataFrame(
        {
            "city": city,
            "town": chance.choice(CITIES, ROWS).astype(object),
            "note": chance.choice(["late again", "on time", "very late plane", "fine and on time"], ROWS).astype(
                object
            ),
            "age": chance.integers(0, 90, ROWS),
            "score": numbers,
            "gain": np.round(chance.gamma(2.0, size=ROWS), 3),
        }
    )


def encoder(*columns: str) -> ColumnTransformer:
    """Make an encoder of the columns named, each in the way its kind wants."""
    parts: dict[str, tuple[Any, Any]] = {
        "city": (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["city"]),
        "town": (OneHotEncoder(handle_unknown="ignore"), ["town"]),
        "note": (TfidfVectorizer(), "note"),
        "age": ("passthrough", ["age"]),
        "score": (SimpleImputer(), ["score"]),
        "gain": (FunctionTransformer(np.log1p), ["gain"]),
    }
    return ColumnTransformer([(name, *parts[name]) for name in columns])


def mixed() -> Foreign:
    """Two classes from numbers, missing values, a category and free text."""
    X = table()[["city", "note", "age", "score"]]
    y = pd.Series(np.where(X["note"].str.contains("late") ^ (X["age"] > 60), "late", "early"), name="when")
    return Foreign(Pipeline([("e", encoder(*X)), ("m", LogisticRegression(max_iter=1000))]).fit(X, y), X, y)


def multiclass() -> Foreign:
    """Three classes of text, by a forest."""
    X = table()[["town", "age", "score"]]
    y = pd.Series(pd.cut(X["age"], [-1, 30, 60, 90], labels=["young", "middle", "old"]).astype(object), name="group")
    forest = RandomForestClassifier(n_estimators=20, random_state=0)
    return Foreign(Pipeline([("e", encoder(*X)), ("m", forest)]).fit(X, y), X, y)


def regression() -> Foreign:
    """A value, by boosted trees."""
    X = table()[["town", "age", "score"]]
    y = pd.Series(X["age"] * 100.0 + X["score"].fillna(0) * 10, name="value")
    trees = GradientBoostingRegressor(n_estimators=20, random_state=0)
    return Foreign(Pipeline([("e", encoder(*X)), ("m", trees)]).fit(X, y), X, y)


def uncompiled() -> Foreign:
    """A step without an exact translation."""
    X = table()[["gain", "age"]]
    y = pd.Series((X["gain"] > 1.5).astype(int), name="big")
    quantiles = ColumnTransformer([("quantiles", QuantileTransformer(n_quantiles=20), ["gain", "age"])])
    return Foreign(Pipeline([("e", quantiles), ("m", LogisticRegression())]).fit(X, y), X, y)


def margins() -> Foreign:
    """A classifier that gives no probabilities."""
    X = table()[["age", "gain"]]
    y = pd.Series((X["age"] > 50).astype(int), name="older")
    return Foreign(make_pipeline(StandardScaler(), LinearSVC()).fit(X, y), X, y)


def truth() -> Foreign:
    """Classes that are true and false, and an estimator that is no pipeline."""
    X = table()[["age", "gain"]]
    y = pd.Series(X["age"] > 50, name="older")
    return Foreign(LogisticRegression(max_iter=1000).fit(X, y), X, y)


def nameless() -> Foreign:
    """An estimator fitted on an array, which knows its inputs by number."""
    X = table()[["age", "gain"]]
    y = pd.Series(X["age"] * 2.0 + X["gain"], name="sum")
    return Foreign(LinearRegression().fit(X.to_numpy(), y.to_numpy()), X, y)


MODELS: dict[str, Callable[[], Foreign]] = {
    model.__name__: model for model in (mixed, multiclass, regression, uncompiled, margins, truth, nameless)
}
