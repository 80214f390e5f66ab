"""The form in which a fitted model reads rows: a table with column names, an array, or a list of texts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

VECTORIZERS = (CountVectorizer, HashingVectorizer)
"""They read a list of texts, and remember nothing of it. A TfidfVectorizer is a CountVectorizer."""
_INNER = ("best_estimator_", "regressor_", "estimator_", "_preprocessor")
_INNER_LISTS = ("estimators_", "calibrated_classifiers_")


Form = Callable[[pd.DataFrame], Any]
"""Converts a table of rows, [n, features], to what a model was fitted on."""


def input_of(model: Any, table: pd.DataFrame) -> Any:
    """Convert a table of rows, [n, features], to what a model was fitted on."""
    form = form_of(model, table)
    return table if form is None else form(table)


def form_of(model: Any, table: pd.DataFrame) -> Form | None:
    """Return the form of a model's rows; None if that is unknown, because the first row of the table fails in all.

    A model with `feature_names_in_` was fitted on a table, and one with `n_features_in_` alone on an array. A custom
    transformer may remember neither: if a model begins with one, it gets a table unless it fails on one.
    """
    first = first_part(model)
    if hasattr(first, "feature_names_in_"):
        return _table
    if hasattr(first, "n_features_in_"):
        return _array
    if isinstance(first, VECTORIZERS):
        return _texts
    forms = (_table, _column, _array) if len(table.columns) == 1 else (_table, _array)
    return next((form for form in forms if _predicts(model, form(table)[:1])), None)


def _table(table: pd.DataFrame) -> Any:
    return table


def _array(table: pd.DataFrame) -> Any:
    return table.to_numpy()


def _column(table: pd.DataFrame) -> Any:
    return table.iloc[:, 0]


def _texts(table: pd.DataFrame) -> Any:
    return table.iloc[:, 0].to_numpy()


def first_part(model: Any) -> Any:
    """Return the innermost part of a model that gets its rows as they are, or the first one that remembers them."""
    while not (hasattr(model, "feature_names_in_") or hasattr(model, "n_features_in_")):
        inner = next(inner_parts(model), None)
        if inner is None:
            break
        model = inner
    return model


def inner_parts(model: Any) -> Iterator[Any]:
    """Yield the parts that get the rows of a model."""
    if isinstance(model, Pipeline):
        yield from _estimators(model.steps)
    elif isinstance(model, FeatureUnion):
        yield from _estimators(model.transformer_list)
    else:
        yield from (part for name in _INNER if (part := getattr(model, name, None)) is not None)
        for parts in (getattr(model, name, None) for name in _INNER_LISTS):
            yield from (getattr(part, "estimator", part) for part in (parts if isinstance(parts, list) else []))


def _estimators(named: Sequence[Any]) -> Iterator[Any]:
    return (part for _, part, *_ in named if part is not None and not isinstance(part, str))


def _predicts(model: Any, rows: Any) -> bool:
    try:
        model.predict(rows)
    except Exception:  # A custom transformer raises anything for a form that it does not support.
        return False
    return True
