"""The pipeline that is trained: one-hot columns, then an estimator."""

from collections.abc import Mapping, Sequence

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder


def make_pipeline(categories: Mapping[str, Sequence[str | int]], estimator: BaseEstimator) -> Pipeline:
    """Make an unfitted pipeline: the last step is the estimator, all before it is the encoder."""
    columns = [(name, _one_hot(values), [name]) for name, values in categories.items()]
    encoder = ColumnTransformer(columns, verbose_feature_names_out=False)
    return Pipeline([("encoder", encoder), ("estimator", estimator)])


def _one_hot(values: Sequence[str | int]) -> OneHotEncoder:
    return OneHotEncoder(categories=[list(values)], handle_unknown="ignore", sparse_output=False)
