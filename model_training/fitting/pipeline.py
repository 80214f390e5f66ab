"""The pipeline that is trained: one-hot columns and numbers, then an estimator."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as steps
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_training.data.dataset import Dataset


def pipeline_of(data: Dataset, estimator: BaseEstimator) -> Pipeline:
    """Make an unfitted pipeline for a dataset."""
    return make_pipeline({name: data.categories.get(name) for name in data.X.columns}, estimator, data.lacking)


def make_pipeline(
    columns: Mapping[str, Sequence[str | int] | None], estimator: BaseEstimator, lacking: Collection[str] = ()
) -> Pipeline:
    """Make an unfitted pipeline: the last step is the estimator, all before it is the encoder.

    Args:
        columns: in the order of their encoded columns; categories, or None for numbers.
        estimator: the last step.
        lacking: where a value may be missing. Of categories that is one more; of numbers it is the median, or
            for an estimator that knows what to do with a missing number it stays one.
    """
    parts = [(name, _encoder(values, estimator, missing=name in lacking), [name]) for name, values in columns.items()]
    encoder = ColumnTransformer(parts, verbose_feature_names_out=False)
    return Pipeline([("encoder", encoder), ("estimator", estimator)])


def _encoder(values: Sequence[Any] | None, estimator: BaseEstimator, *, missing: bool) -> Any:
    if values is None:
        return _number(estimator, missing=missing)
    known = [*values, np.nan] if missing else list(values)
    return OneHotEncoder(categories=[known], handle_unknown="ignore", sparse_output=False)


def _number(estimator: BaseEstimator, *, missing: bool) -> Any:
    if estimator.__sklearn_tags__().input_tags.allow_nan:  # Trees: scale and gaps are nothing to them.
        return "passthrough"
    return steps(SimpleImputer(strategy="median"), StandardScaler()) if missing else StandardScaler()
