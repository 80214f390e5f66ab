"""Fit boosters with the library of the environment: `python old_boosters.py LIBRARY FOLDER [NAME ...]`.

For each name, FOLDER gets the file that the library saves, NAME.csv with a sample, and NAME.json with 2,000 rows at and
beside the edges of the trees, and what that version predicts for them. This file imports nothing of the project,
because it is run by other versions than the project's own.
"""

import json
import re
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

FITTED, ASKED, TREES, CITIES = 400, 2000, 20, 7
NUMBERS = ["weight", "price", "ident", "stops"]
SHARE_AT_EDGES = 0.6
CHANCE = np.random.default_rng(0)


class Model(NamedTuple):
    """The class of the library, its target, and what it is fitted with."""

    kind: str
    target: str
    options: Mapping[str, Any] = {}
    categories: bool = False
    stopping: bool = False
    marker: float | None = None
    """The number that means missing."""


STOPPING = "early stopping"
XGBOOST = {
    "binary": Model("XGBClassifier", "two"),
    "multiclass": Model("XGBClassifier", "three"),
    "regression": Model("XGBRegressor", "value"),
    "poisson": Model("XGBRegressor", "count", {"objective": "count:poisson"}),
    "dart": Model("XGBClassifier", "two", {"booster": "dart", "rate_drop": 0.3}),
    "dart, regression": Model("XGBRegressor", "value", {"booster": "dart", "rate_drop": 0.3}),
    "dart, multiclass": Model("XGBClassifier", "three", {"booster": "dart", "rate_drop": 0.3}),
    "forest": Model("XGBRFClassifier", "two"),
    "categories": Model("XGBClassifier", "two", {"max_cat_to_onehot": 2}, categories=True),
    "categories, one-hot": Model("XGBRegressor", "value", {"max_cat_to_onehot": 50}, categories=True),
    STOPPING: Model("XGBClassifier", "three", {"early_stopping_rounds": 2, "n_estimators": 60}, stopping=True),
    "missing is -999": Model("XGBClassifier", "two", {"missing": -999.0}, marker=-999.0),
    "ranker": Model("XGBRanker", "rank"),
    "quantiles": Model("XGBRegressor", "value", {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]}),
    "two targets": Model("XGBRegressor", "both"),
}  # fmt: skip
LIGHTGBM = {
    "binary": Model("LGBMClassifier", "two"),
    "multiclass": Model("LGBMClassifier", "three"),
    "regression": Model("LGBMRegressor", "value"),
    "poisson": Model("LGBMRegressor", "count", {"objective": "poisson"}),
    "dart": Model("LGBMClassifier", "two", {"boosting_type": "dart", "drop_rate": 0.3}),
    "dart, regression": Model("LGBMRegressor", "value", {"boosting_type": "dart", "drop_rate": 0.3}),
    "forest": Model("LGBMClassifier", "two", {"boosting_type": "rf", "subsample": 0.7, "subsample_freq": 1}),
    "categories": Model("LGBMClassifier", "two", {"min_data_per_group": 2, "cat_smooth": 1}, categories=True),
    "categories, multiclass": Model("LGBMClassifier", "three", {"max_cat_to_onehot": 50}, categories=True),
    STOPPING: Model("LGBMClassifier", "three", {"n_estimators": 60}, stopping=True),
    "zero is missing": Model("LGBMClassifier", "two", {"zero_as_missing": True}),
    "missing is ignored": Model("LGBMRegressor", "value", {"use_missing": False}),
    "ranker": Model("LGBMRanker", "rank"),
}
CATBOOST = {
    "binary": Model("CatBoostClassifier", "two"),
    "multiclass": Model("CatBoostClassifier", "words"),
    "regression": Model("CatBoostRegressor", "value"),
    "poisson": Model("CatBoostRegressor", "count", {"loss_function": "Poisson"}),
    "one against all": Model("CatBoostClassifier", "three", {"loss_function": "MultiClassOneVsAll"}),
    "categories": Model("CatBoostClassifier", "two", {"one_hot_max_size": 50}, categories=True),
    "categories, regression": Model("CatBoostRegressor", "value", {"one_hot_max_size": 50}, categories=True),
    STOPPING: Model("CatBoostClassifier", "two", {"iterations": 60, "early_stopping_rounds": 2}, stopping=True),
    "missing is large": Model("CatBoostClassifier", "two", {"nan_mode": "Max"}),
    "by depth": Model("CatBoostClassifier", "words", {"grow_policy": "Depthwise"}),
    "by loss": Model("CatBoostRegressor", "value", {"grow_policy": "Lossguide", "max_leaves": 9}),
    "ranker": Model("CatBoostRanker", "rank", {"loss_function": "YetiRank"}),
    "quantiles": Model("CatBoostRegressor", "value", {"loss_function": "MultiQuantile:alpha=0.1,0.5,0.9"}),
    "two targets": Model("CatBoostRegressor", "both", {"loss_function": "MultiRMSE"}),
}
MODELS = {"xgboost": XGBOOST, "lightgbm": LIGHTGBM, "catboost": CATBOOST}
COMMON: dict[str, dict[str, Any]] = {
    "xgboost": {"n_estimators": TREES, "max_depth": 4, "n_jobs": 1, "enable_categorical": True},
    "lightgbm": {"n_estimators": TREES, "num_leaves": 15, "n_jobs": 1, "verbose": -1},
    "catboost": {"iterations": TREES, "depth": 4, "thread_count": 1, "verbose": 0, "allow_writing_files": False},
}
SUFFIXES = {"xgboost": (".ubj", ".json"), "lightgbm": (".txt", ".txt"), "catboost": (".cbm", ".json")}


def file_of(library: str, name: str) -> str:
    """Return the name of a model's file: formats take turns."""
    return name + "-model" + SUFFIXES[library][list(MODELS[library]).index(name) % 2]


def table(library: str) -> pd.DataFrame:
    """Make numbers that may be missing, whole numbers, and cities: text, but codes where files lack the text."""
    number = np.arange(CITIES)[CHANCE.integers(0, CITIES, FITTED)]
    X = pd.DataFrame(
        {
            "weight": CHANCE.normal(size=FITTED),
            "price": CHANCE.integers(0, 400, FITTED) / 5 + 0.99,
            "ident": 1e8 + 37.0 * CHANCE.integers(0, 900, FITTED) + 0.5,
            "stops": CHANCE.integers(0, 9, FITTED).astype(float),
            "city": number if library == "xgboost" else [f"city {each}" for each in number],
        }
    )
    for column in NUMBERS:
        X.loc[CHANCE.random(FITTED) < 0.1, column] = np.nan
    return X


def targets(X: pd.DataFrame) -> dict[str, Any]:
    """Make a target of each kind."""
    city = X["city"].astype(str).str[-1].astype(int)
    size = X["weight"].fillna(0.3) + X["price"].fillna(20) / 40 - X["stops"].fillna(3) / 4 + (city % 3 == 1)
    value = (size + CHANCE.normal(size=len(X)) / 3).to_numpy()
    three = np.digitize(value, [0.3, 1.3])
    return {
        "two": (value > 0.8).astype(int),
        "three": three,
        "words": np.array(["low", "middle", "top"])[three],
        "value": value,
        "count": np.floor(np.exp(value / 2)),
        "both": np.column_stack([value, value**2]),
        "rank": np.digitize(value, [0, 0.5, 1, 1.5]),
    }


def fitted(library: str, model: Model, X: pd.DataFrame, y: Any) -> Any:
    """Fit a model on rows as its library reads them."""
    module = __import__(library)
    estimator = getattr(module, model.kind)(**{**COMMON[library], **model.options})
    more: dict[str, Any] = {}
    if model.stopping:
        rng = np.random.default_rng(1)
        more["eval_set"] = [(X[:140], np.concatenate([y[:70], rng.permutation(y[70:140])]))]
        if library == "xgboost":
            more["verbose"] = False
        if library == "lightgbm":
            more["callbacks"] = [module.early_stopping(2, verbose=False)]
    if model.target == "rank":
        more |= {"group_id": np.arange(len(X)) // 10} if library == "catboost" else {"group": [10] * (len(X) // 10)}
    if model.categories and library == "catboost":
        more["cat_features"] = ["city"]
    return estimator.fit(X, y, **more)


def read_as(library: str, model: Model, X: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a library reads them: categories as pandas' own, or text."""
    if not model.categories or library == "catboost":
        return X
    known = range(CITIES) if library == "xgboost" else [f"city {number}" for number in range(CITIES)]
    return X.assign(city=pd.Categorical(X["city"], categories=list(known)))


def edges(library: str, estimator: Any) -> list[float]:
    """Return the numbers that trees compare with."""
    if library == "catboost":
        return [border for borders in estimator.get_borders().values() for border in borders]
    if library == "lightgbm":
        lists = re.findall("^threshold=(.+)$", estimator.booster_.model_to_string(), re.MULTILINE)
        return [float(word) for words in lists for word in words.split()]
    text = bytes(estimator.get_booster().save_raw("json")).decode()
    return [float(word) for words in re.findall(r'"split_conditions":\[(.+?)\]', text) for word in words.split(",")]


def rows_at(edges: list[float], X: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a table in which many numbers are an edge, or beside one, in single or double precision."""
    rows = X.iloc[CHANCE.integers(0, len(X), ASKED)].reset_index(drop=True)
    ends = np.array([-np.inf, np.inf])
    for column in ("weight", "price", "ident"):
        own = X[column].dropna()
        some = np.array([edge for edge in edges if own.min() <= edge <= own.max()] or [0.0])
        chosen = CHANCE.choice(some, ASKED)
        double = np.nextafter(chosen, CHANCE.choice(ends, ASKED))
        single = np.nextafter(chosen.astype(np.float32), CHANCE.choice(ends, ASKED).astype(np.float32))
        values = np.choose(CHANCE.integers(0, 4, ASKED), [chosen, double, chosen.astype(np.float32), single])
        rows[column] = np.where(CHANCE.random(ASKED) < SHARE_AT_EDGES, values, rows[column])
    return rows


def main(library: str, folder: str, *names: str) -> None:
    """Write the models, the samples, the rows and the predictions."""
    warnings.simplefilter("ignore")
    X = table(library)
    y = targets(X)
    for name in names or MODELS[library]:
        model, path = MODELS[library][name], Path(folder)
        rows = X if model.categories else X[NUMBERS]
        rows = rows if model.marker is None else rows.fillna(model.marker)
        estimator = fitted(library, model, read_as(library, model, rows), y[model.target])
        file = path / file_of(library, name)
        if library == "xgboost":
            estimator.save_model(file)
        elif library == "lightgbm":
            estimator.booster_.save_model(file)
        else:
            estimator.save_model(str(file), format=file.suffix.removeprefix("."))
        rows.to_csv(path / f"{name}.csv", index=False)
        asked = rows_at(edges(library, estimator), rows)
        read = read_as(library, model, asked)
        predicted = {"rows": asked.to_dict("list"), "labels": np.asarray(estimator.predict(read)).tolist()}
        if hasattr(estimator, "predict_proba"):
            predicted["probabilities"] = np.asarray(estimator.predict_proba(read)).tolist()
        (path / f"{name}.json").write_text(json.dumps(predicted))


if __name__ == "__main__":
    main(*sys.argv[1:])
