"""Create the pipeline to train: an encoder of categories, numbers and dates, then an estimator."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as steps
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from function.model.date_parts import DateParts
from function.model.dates import DateFormat
from model_training.data.dataset import Dataset
from model_training.data.kinds import parts_of
from model_training.fitting.boosters import Boosted

NO_DATES: Mapping[str, DateFormat] = {}
NO_DIRECTIONS: Mapping[str, int] = {}


def pipeline_of(data: Dataset, estimator: BaseEstimator, monotone: Mapping[str, int] = NO_DIRECTIONS) -> Pipeline:
    """Create an unfitted pipeline for a data set, constrained in some features as in `make_pipeline`."""
    columns = {name: data.categories.get(name) for name in data.X.columns}
    return make_pipeline(columns, estimator, data.lacking, data.dates, monotone)


def make_pipeline(
    columns: Mapping[str, Sequence[str | int] | None],
    estimator: BaseEstimator,
    lacking: Collection[str] = (),
    dates: Mapping[str, DateFormat] = NO_DATES,
    monotone: Mapping[str, int] = NO_DIRECTIONS,
) -> Pipeline:
    """Create an unfitted pipeline of two steps: an encoder of the columns, and an estimator.

    Args:
        columns: the categories of each column, or None for a number or date, in the order of the encoded columns.
        estimator: the last step.
        lacking: names of the columns that may have missing values. A missing category is encoded as one more
            category, or is missing to estimators that support categories; a missing number becomes the median, unless
            the estimator supports missing numbers.
        dates: the columns that are dates, and whether they have a time.
        monotone: numbers with which the prediction must rise (1) or fall (-1), if the estimator supports that.
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
    return Pipeline([("encoder", encoder), ("estimator", _on_columns(estimator, columns, lacking, dates, monotone))])


def _on_columns(
    estimator: Any,
    columns: Mapping[str, Sequence[str | int] | None],
    lacking: Collection[str],
    dates: Mapping[str, DateFormat],
    monotone: Mapping[str, int],
) -> BaseEstimator:
    """Return an estimator that knows which encoded columns are codes, and which are constrained."""
    native = _is_native(estimator)
    codes: list[int] = []
    directions: list[int] = []
    for name, values in columns.items():
        width = 1
        if name in dates:
            width = len(parts_of(dates[name]))
        elif values is not None and native:
            codes.append(len(directions))
        elif values is not None:
            width = len(values) + (name in lacking)
        directions += [monotone.get(name, 0)] * width
    constraints = directions if monotone else []
    if isinstance(estimator, Boosted):
        return estimator.on_columns(codes, constraints)
    return estimator.set_params(monotonic_cst=constraints) if constraints else estimator


def _is_native(estimator: BaseEstimator) -> bool:
    return isinstance(estimator, Boosted) and estimator.has_categories


def _encoder(values: Sequence[Any] | None, estimator: BaseEstimator, *, missing: bool) -> Any:
    if values is None:
        return _number(estimator, missing=missing)
    known = [*values, np.nan] if missing else list(values)
    if _is_native(estimator):  # A category that is missing or unknown is a missing code.
        return OrdinalEncoder(categories=[known], handle_unknown="use_encoded_value", unknown_value=np.nan)
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
