"""Files of XGBoost, LightGBM and CatBoost with categories of text, and a pipeline that ends in a booster."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

ROWS = 300


def rows_with_target() -> tuple[pd.DataFrame, Any]:
    """Make numbers, of which some are missing, and text; and two classes."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "weight": rng.normal(size=ROWS).round(3),
            "city": rng.choice(["Lima", "Oslo", "Pune"], ROWS).astype(object),
            "stops": rng.integers(0, 9, ROWS),
        }
    )
    rows.loc[:20, "weight"] = np.nan
    return rows, ((rows["city"] == "Oslo") ^ (rows["stops"] > 4)).astype(int).to_numpy()


def _categories(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city=pd.Categorical(rows["city"]))


Probabilities = Any
LIBRARIES = ("xgboost", "lightgbm", "catboost")


def xgboost_file(path: Path, rows: pd.DataFrame, y: Any) -> Probabilities:
    """Fit XGBoost on pandas' categories."""
    import xgboost

    options = {"n_estimators": 8, "max_depth": 3, "n_jobs": 1, "enable_categorical": True}
    model = xgboost.XGBClassifier(**options).fit(_categories(rows), y)
    model.save_model(path)
    return model.predict_proba(_categories(rows))


def lightgbm_file(path: Path, rows: pd.DataFrame, y: Any) -> Probabilities:
    """Fit LightGBM on pandas' categories."""
    import lightgbm

    options: dict[str, Any] = {"n_estimators": 8, "n_jobs": 1, "verbose": -1, "min_data_per_group": 2}
    model = lightgbm.LGBMClassifier(**options).fit(_categories(rows), y)
    model.booster_.save_model(path)
    return model.predict_proba(_categories(rows))


def catboost_model(rows: pd.DataFrame, y: Any) -> Any:
    """Fit CatBoost on categories of text, one-hot."""
    import catboost

    options: dict[str, Any] = {"iterations": 8, "depth": 3, "one_hot_max_size": 20, "thread_count": 1, "verbose": 0}
    model = catboost.CatBoostClassifier(**options, allow_writing_files=False)
    return model.fit(rows, y, cat_features=["city"])


def catboost_file(path: Path, rows: pd.DataFrame, y: Any) -> Probabilities:
    """Save CatBoost's own format, or JSON."""
    model = catboost_model(rows, y)
    model.save_model(str(path), format=path.suffix.removeprefix("."))
    return model.predict_proba(rows)


def joblib_pipeline(path: Path, rows: pd.DataFrame, y: Any) -> Probabilities:
    """Fit XGBoost behind scikit-learn's encoder."""
    import xgboost

    encoder = ColumnTransformer([("city", OneHotEncoder(), ["city"])], remainder="passthrough")
    model = make_pipeline(encoder, xgboost.XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1)).fit(rows, y)
    joblib.dump(model, path)
    return model.predict_proba(rows)


def joblib_lightgbm(path: Path, rows: pd.DataFrame, y: Any) -> Probabilities:
    """Fit LightGBM on pandas' categories, bare."""
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=8, n_jobs=1, verbose=-1).fit(_categories(rows), y)
    joblib.dump(model, path)
    return model.predict_proba(_categories(rows))


def joblib_catboost(path: Path, rows: pd.DataFrame, y: Any) -> Probabilities:
    """Fit CatBoost behind scikit-learn's encoder."""
    import catboost

    encoder = ColumnTransformer([("city", OneHotEncoder(), ["city"])], remainder="passthrough")
    last = catboost.CatBoostClassifier(iterations=8, thread_count=1, verbose=0, allow_writing_files=False)
    model = make_pipeline(encoder, last).fit(rows, y)
    joblib.dump(model, path)
    return model.predict_proba(rows)


FILES: dict[str, tuple[str, Callable[[Path, pd.DataFrame, Any], Probabilities], str]] = {
    "xgboost": ("model.ubj", xgboost_file, "model.ubj"),
    "xgboost, json": ("model.json", xgboost_file, "model.ubj"),
    "lightgbm": ("model.txt", lightgbm_file, "model.txt"),
    "catboost": ("model.cbm", catboost_file, "model.cbm.json"),
    "catboost, json": ("model.json", catboost_file, "model.cbm.json"),
    "xgboost behind an encoder": ("model.joblib", joblib_pipeline, "model.ubj"),
    "lightgbm, pickled": ("model.joblib", joblib_lightgbm, "model.txt"),
    "catboost behind an encoder": ("model.joblib", joblib_catboost, "model.cbm.json"),
}
"""The file's name, what fits the model and writes it, and the member of the bundle."""


def without_libraries(folder: Path) -> Path:
    """Return a folder for PYTHONPATH in which the libraries cannot be imported."""
    (folder / "absent").mkdir()
    for library in LIBRARIES:
        (folder / "absent" / f"{library}.py").write_text(f"raise ImportError('{library} is not installed')\n")
    return folder / "absent"
