"""Reduce a fitted model to what its predictions need, so that the function's allow-list lets it pass.

A fitted search becomes its best estimator, selectors of columns become the columns that they chose, indexes and arrays
of pandas become numpy's, caches are dropped, and parameters that only fitting reads get their defaults if the
allow-list refuses them.
"""

import inspect
import io
from copy import deepcopy
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.model_selection._search import BaseSearchCV

from function.errors import Refused
from function.model.engines.inputs import input_of
from function.model.joblib.unpickle import unpickle
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.native_file import library_of
from model_training.bundling.trusted import Absent

FIT_ONLY = frozenset(
    {
        *("callbacks", "categories", "class_weight", "cv", "error_score", "importance_getter", "memory"),
        *("param_distributions", "param_grid", "random_state", "refit", "score_func", "scoring"),
    }
)
"""Parameters that scikit-learn reads while it fits, and never while it predicts."""
MAX_BYTES = 2**30


def normalize(model: Any) -> Any:
    """Return a model that is reduced to what the predictions of a fitted one need; the fitted one stays as it is.

    Raises:
        Refused: predictions need a class or function that is not here.
    """
    if library_of(stages(model)[1]) is not None:  # The bundle holds the file of its own library.
        return model
    return _Normalization().reduced(deepcopy(model))


def check_same(model: Any, reduced: Any, X: pd.DataFrame) -> None:
    """Compare the predictions of a model and its reduced one on rows that they support.

    Raises:
        Refused: they differ.
    """
    if reduced is model:
        return
    rows = input_of(model, X)
    before, after = (np.asarray(each.predict(rows)) for each in (model, reduced))
    if not np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
        raise Refused("the model predicts other values without the parameters that only fitting reads")


class _Normalization:
    """Walks the objects of a model and changes them in place; what can't be changed is replaced."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Any, Any]] = {}

    def reduced(self, value: Any) -> Any:
        """Return the value, reduced."""
        if isinstance(value, Absent) or (isinstance(value, type) and issubclass(value, Absent)):
            kind = value if isinstance(value, type) else type(value)
            raise _Needed(f"{kind.__module__}.{kind.__qualname__}")
        if id(value) in self._seen:
            return self._seen[id(value)][1]
        # An object that contains itself finds itself; keeping it keeps its id from being used again.
        self._seen[id(value)] = (value, value)
        made = self._changed(value)
        self._seen[id(value)] = (value, made)
        return made

    def _changed(self, value: Any) -> Any:
        if isinstance(value, BaseSearchCV) and hasattr(value, "best_estimator_"):
            return self.reduced(value.best_estimator_)
        if isinstance(value, joblib.Memory):
            return None
        if type(value) is tuple:
            return tuple(self.reduced(item) for item in value)
        if isinstance(value, list):
            value[:] = [self.reduced(item) for item in value]
        elif isinstance(value, dict):
            value.update({key: self.reduced(item) for key, item in value.items()})
        elif type(value) is np.ndarray and value.dtype == object:
            for place, item in enumerate(value.flat):
                value.flat[place] = self.reduced(item)
        elif isinstance(value, BaseEstimator):
            self._change_attributes(value)
        return _plain(value)

    def _change_attributes(self, target: Any) -> None:
        if not type(target).__module__.startswith("sklearn."):
            return  # A class of your own may need whatever it holds.
        defaults = _defaults(target)
        chosen = _chosen_columns(target)
        for name, held in list(vars(target).items()):
            if name == "transformers" and chosen:
                held = [(part, step, chosen.get(part, columns)) for part, step, columns in held]  # noqa: PLW2901
            try:
                made = self.reduced(held)
                passes = name not in FIT_ONLY or _passes(made)
            except _Needed as needed:
                if name not in FIT_ONLY or name not in defaults:
                    raise Refused(
                        f"the model needs {needed} to predict: move it to function/model/custom.py, where "
                        "`taxiway pack --trust` finds it by its name"
                    ) from None
                passes = False
            vars(target)[name] = made if passes or name not in defaults else defaults[name]


def _plain(value: Any) -> Any:
    """Return the array of an index or array of pandas; any other value as it is."""
    pandas = isinstance(value, pd.Index | pd.Series | pd.api.extensions.ExtensionArray)
    return np.asarray(value) if pandas else value


class _Needed(Exception):
    """An object is of a class or function that is not here; the text is its name."""


def _defaults(target: Any) -> dict[str, Any]:
    """Return the defaults of an estimator's parameters; None for those that have none."""
    if not isinstance(target, BaseEstimator):
        return {}
    parameters = inspect.signature(type(target).__init__).parameters
    return {
        name: None if parameter.default is inspect.Parameter.empty else parameter.default
        for name, parameter in parameters.items()
        if name != "self"
    }


def _chosen_columns(target: Any) -> dict[str, Any]:
    """Return the columns of the parts of a ColumnTransformer: those that a selector chose; none before fitting."""
    if not isinstance(target, ColumnTransformer):
        return {}
    if not hasattr(target, "transformers_"):
        return {name: [] for name, _, columns in target.transformers if callable(columns)}
    return {name: columns for name, _, columns in target.transformers_}


def _passes(value: Any) -> bool:
    """Return whether the allow-list of the function accepts a value."""
    buffer = io.BytesIO()
    try:
        joblib.dump([value], buffer)
        unpickle(buffer.getvalue(), MAX_BYTES)
    except Exception:  # Pickling raises anything, too.
        return False
    return True
