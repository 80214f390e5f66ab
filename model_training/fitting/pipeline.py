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

from function.model.date_parts import DateParts
from function.model.dates import DateFormat
from model_training.data.dataset import Dataset
from model_training.data.kinds import parts_of

NO_DATES: Mapping[str, DateFormat] = {}


def pipeline_of(data: Dataset, estimator: BaseEstimator) -> Pipeline:
    """Create an unfitted pipeline for a data set."""
    columns = {name: data.categories.get(name) for name in data.X.columns}
    return make_pipeline(columns, estimator, data.lacking, data.dates)


def make_pipeline(
    columns: Mapping[str, Sequence[str | int] | None],
    estimator: BaseEstimator,
    lacking: Collection[str] = (),
    dates: Mapping[str, DateFormat] = NO_DATES,
) -> Pipeline:
    """Create an unfitted pipeline of two steps: an encoder of the columns, and an estimator.

    Args:
        columns: the categories of each column, or None for a number or date, in the order of the encoded columns.
        estimator: the last step.
        lacking: names of the columns that may have missing values. A missing category is encoded as one more
            category; a missing number becomes the median, unless the estimator supports missing numbers.
        dates: the columns that are dates, and whether they have a time.
    """
    parts = [
        (
            name,
            _date(dates[name], estimator, missing=name in lacking)
            if name in dates
            else _encoder(values, estimator, missing=name in lacking),
            [name],
        )
        for name, values in columns.items()
    ]
    encoder = ColumnTransformer(parts, verbose_feature_names_out=False)
    return Pipeline([("encoder", encoder), ("estimator", estimator)])


def _encoder(values: Sequence[Any] | None, estimator: BaseEstimator, *, missing: bool) -> Any:
    if values is None:
        return _number(estimator, missing=missing)
    known = [*values, np.nan] if missing else list(values)
    return OneHotEncoder(categories=[known], handle_unknown="ignore", sparse_output=False)


def _date(kind: DateFormat, estimator: BaseEstimator, *, missing: bool) -> Any:
    """Encode a date as numbers; for an estimator that needs scaling, month, weekday and hour one-hot."""
    numbers = _number(estimator, missing=missing)
    one_hot = numbers != "passthrough"
    parts = DateParts(parts_of(kind), one_hot=one_hot)
    return steps(parts, numbers) if one_hot else parts


def _number(estimator: BaseEstimator, *, missing: bool) -> Any:
    if estimator.__sklearn_tags__().input_tags.allow_nan:  # Trees support missing numbers, and need no scaling.
        return "passthrough"
    return steps(SimpleImputer(strategy="median"), StandardScaler()) if missing else StandardScaler()
