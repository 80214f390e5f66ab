"""Create the pipeline to train: an encoder of one-hot columns and scaled numbers, then an estimator."""

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
    """Create an unfitted pipeline for a data set."""
    return make_pipeline({name: data.categories.get(name) for name in data.X.columns}, estimator, data.lacking)


def make_pipeline(
    columns: Mapping[str, Sequence[str | int] | None], estimator: BaseEstimator, lacking: Collection[str] = ()
) -> Pipeline:
    """Create an unfitted pipeline of two steps: an encoder of the columns, and an estimator.

    Args:
        columns: the categories of each column, or None for a number, in the order of the encoded columns.
        estimator: the last step.
        lacking: names of the columns that may have missing values. A missing category is encoded as one more
            category; a missing number becomes the median, unless the estimator supports missing numbers.
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
    if estimator.__sklearn_tags__().input_tags.allow_nan:  # Trees support missing numbers, and need no scaling.
        return "passthrough"
    return steps(SimpleImputer(strategy="median"), StandardScaler()) if missing else StandardScaler()
