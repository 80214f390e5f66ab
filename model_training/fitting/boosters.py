"""Fit XGBoost, LightGBM and CatBoost, and stop at the best round on a part of the fitted rows.

The workers of a search import this module without the project: it needs numpy and scikit-learn alone.
"""

import importlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.model_selection import train_test_split

ROUNDS, PATIENCE = 1000, 30
"""The most rounds, and how many rounds without a better one end the fit."""
STOPPING = 0.1
"""The share of the fitted rows that decides when to stop."""
MIN_STOPPING_ROWS = 20
"""With fewer rows, or fewer rows of a class, to decide on, `FEW_ROUNDS` rounds are fitted to all rows."""
FEW_ROUNDS = 100
CLASSES = {
    "xgboost": ("XGBClassifier", "XGBRegressor"),
    "lightgbm": ("LGBMClassifier", "LGBMRegressor"),
    "catboost": ("CatBoostClassifier", "CatBoostRegressor"),
}
# One thread: the same seed gives the same model, whatever the machine.
OPTIONS: dict[str, dict[str, Any]] = {
    "xgboost": {"n_estimators": ROUNDS, "learning_rate": 0.1, "n_jobs": 1},
    "lightgbm": {
        "n_estimators": ROUNDS, "learning_rate": 0.1, "n_jobs": 1, "deterministic": True, "force_row_wise": True,
        "verbose": -1,
    },
    "catboost": {
        "iterations": ROUNDS, "learning_rate": 0.1, "thread_count": 1, "allow_writing_files": False, "verbose": 0,
    },
}  # fmt: skip
PLACE = re.compile(r"^(\[[\d:]+\] )?\S+:\d+: ")
"""The time and the line of its source before an error of a library."""
SEEDS = {"xgboost": "random_state", "lightgbm": "random_state", "catboost": "random_seed"}


class Boosted(BaseEstimator):  # type: ignore[misc]
    """A model of a library, whose parameters are the library's own.

    After `fit`, `model_` is the library's fitted model; classes are 0, 1, 2 ... to it.
    """

    def __init__(self, model: Any, seed: int, categories: Sequence[int] = (), monotone: Sequence[int] = ()) -> None:
        """Keep an unfitted model of the library.

        Args:
            model: such as an `LGBMClassifier`.
            seed: chooses the rows that decide when to stop.
            categories: the columns that are codes of categories.
            monotone: for each column whether the prediction must rise (1) or fall (-1) with it; empty if none must.
        """
        self.model, self.seed, self.categories, self.monotone = model, seed, categories, monotone

    @property
    def library(self) -> str:
        """The name of the library."""
        return type(self.model).__module__.partition(".")[0]

    @property
    def has_categories(self) -> bool:
        """Whether the library compares codes of categories, exactly; CatBoost's own way is statistics of the target."""
        return self.library != "catboost"

    def on_columns(self, categories: Sequence[int], monotone: Sequence[int]) -> "Boosted":
        """Return the unfitted model for columns of these kinds."""
        return type(self)(self.model, self.seed, tuple(categories), tuple(monotone))

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 (scikit-learn's signature)
        """Return what the object is created with; if `deep`, the parameters of the library instead."""
        if not deep:
            return dict(super().get_params(deep=False))
        return {**_signature(type(self.model)), **self.model.get_params()}

    def set_params(self, **params: Any) -> "Boosted":
        """Set parameters of the library."""
        self.model.set_params(**params)
        return self

    def __sklearn_tags__(self) -> Any:
        """Declare that numbers may be missing."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def __repr__(self, N_CHAR_MAX: int = 0) -> str:
        """Describe the library's model and the parameters that are not its defaults."""
        usual, given = type(self.model)().get_params(), self.model.get_params()
        changed = {name: value for name, value in given.items() if repr(value) != repr(usual.get(name))}
        stopped = f", stopped after {self.rounds_} rounds" if hasattr(self, "rounds_") else ""
        described = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        return f"{type(self.model).__name__}({described}){stopped}"

    def _fit(self, X: Any, y: Any, *, classes: bool) -> None:
        """Fit the library's model to numbers [n, columns] and targets [n].

        Raises:
            ValueError: the library does not support a parameter.
        """
        X = np.asarray(X, dtype=np.float64)
        self.n_features_in_ = X.shape[1]
        self.model_ = clone(self.model)
        try:
            self.rounds_ = FITS[self.library](self, X, y, _stopping_rows(y, self.seed, classes=classes))
        except _error_of(self.library) as error:
            raise ValueError(PLACE.sub("", str(error).strip().splitlines()[0])) from error


class BoostedClassifier(ClassifierMixin, Boosted):  # type: ignore[misc]
    """A classifier of two or more classes."""

    def fit(self, X: Any, y: Any) -> "BoostedClassifier":
        """Fit to numbers [n, columns] and labels [n]."""
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self._fit(X, codes, classes=True)
        return self

    def predict(self, X: Any) -> Any:
        """Predict labels, by the library's own rule."""
        codes = np.asarray(self.model_.predict(np.asarray(X, dtype=np.float64))).reshape(-1)
        return self.classes_[codes.astype(int)]

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities, [n, classes]."""
        return self.model_.predict_proba(np.asarray(X, dtype=np.float64))


class BoostedRegressor(RegressorMixin, Boosted):  # type: ignore[misc]
    """A regressor."""

    def fit(self, X: Any, y: Any) -> "BoostedRegressor":
        """Fit to numbers [n, columns] and values [n]."""
        self._fit(X, np.asarray(y, dtype=np.float64), classes=False)
        return self

    def predict(self, X: Any) -> Any:
        """Predict values, [n]."""
        return self.model_.predict(np.asarray(X, dtype=np.float64))


def make_booster(library: str, seed: int, *, classes: bool) -> Boosted:
    """Create an unfitted model.

    Raises:
        ImportError: the library is not installed.
    """
    kind = getattr(importlib.import_module(library), CLASSES[library][0 if classes else 1])
    model = kind(**OPTIONS[library], **{SEEDS[library]: seed})
    return (BoostedClassifier if classes else BoostedRegressor)(model, seed)


Rows = tuple[Any, Any]
"""The places of the rows to fit, and of those that decide when to stop."""


def _stopping_rows(y: Any, seed: int, *, classes: bool) -> Rows | None:
    """Split the rows; None if they are too few."""
    smallest = np.bincount(y).min() if classes else len(y)
    if smallest * STOPPING < MIN_STOPPING_ROWS:
        return None
    fitted, stopping = train_test_split(
        np.arange(len(y)), test_size=STOPPING, random_state=seed, stratify=y if classes else None
    )
    return fitted, stopping


def _xgboost(boosted: Boosted, X: Any, y: Any, rows: Rows | None) -> int:
    model = boosted.model_
    if boosted.categories:
        types = ["c" if column in boosted.categories else "q" for column in range(X.shape[1])]
        model.set_params(feature_types=types, enable_categorical=True)
    if boosted.monotone:
        model.set_params(monotone_constraints=tuple(boosted.monotone))
    if rows is None:
        model.set_params(n_estimators=min(model.n_estimators, FEW_ROUNDS)).fit(X, y)
        return int(model.n_estimators)
    fitted, stopping = rows
    model.set_params(early_stopping_rounds=PATIENCE)
    model.fit(X[fitted], y[fitted], eval_set=[(X[stopping], y[stopping])], verbose=False)
    return int(model.best_iteration) + 1


def _lightgbm(boosted: Boosted, X: Any, y: Any, rows: Rows | None) -> int:
    import lightgbm

    model, kinds = boosted.model_, {"categorical_feature": list(boosted.categories)}
    if boosted.monotone:
        model.set_params(monotone_constraints=list(boosted.monotone))
    if rows is None:
        model.set_params(n_estimators=min(model.n_estimators, FEW_ROUNDS)).fit(X, y, **kinds)
        return int(model.n_estimators)
    fitted, stopping = rows
    ends = [lightgbm.early_stopping(PATIENCE, verbose=False)]
    model.fit(X[fitted], y[fitted], eval_X=X[stopping], eval_y=y[stopping], callbacks=ends, **kinds)
    return int(model.best_iteration_)


def _catboost(boosted: Boosted, X: Any, y: Any, rows: Rows | None) -> int:
    model = boosted.model_
    if boosted.monotone:
        model.set_params(monotone_constraints=list(boosted.monotone))
    if rows is None:
        model.set_params(iterations=min(model.get_params()["iterations"], FEW_ROUNDS)).fit(X, y)
        return int(model.tree_count_)
    fitted, stopping = rows
    model.fit(X[fitted], y[fitted], eval_set=(X[stopping], y[stopping]), early_stopping_rounds=PATIENCE)
    return int(model.tree_count_)


FITS = {"xgboost": _xgboost, "lightgbm": _lightgbm, "catboost": _catboost}


def _signature(kind: Any) -> dict[str, Any]:
    """Return the parameters of CatBoost, whose own list has only those that are set."""
    import inspect

    named = inspect.signature(kind.__init__).parameters.values()
    return {p.name: p.default for p in named if p.name != "self" and p.kind != p.VAR_KEYWORD}


def _error_of(library: str) -> type[Exception]:
    names = {"xgboost": "XGBoostError", "lightgbm": "LightGBMError", "catboost": "CatBoostError"}
    place = {"xgboost": "xgboost.core", "lightgbm": "lightgbm.basic", "catboost": "catboost"}[library]
    error: type[Exception] = getattr(importlib.import_module(place), names[library])
    return error
