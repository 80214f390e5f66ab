"""Transformers and compositions to put before an estimator, in the style of a script or of a notebook."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn import decomposition, feature_selection, impute, kernel_approximation, preprocessing
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.experimental import enable_iterative_imputer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

assert enable_iterative_imputer

NUMBERS, TEXTS = ["weight", "size", "stops"], ["city", "town"]


@dataclass(frozen=True)
class Style:
    """How a model names its columns, and what else its constructors hold."""

    numbers: Any
    texts: Any
    cities: Any
    """The value of `categories`."""
    memory: Any = None


def script(X: pd.DataFrame) -> Style:
    """Name the columns by lists."""
    return Style(NUMBERS, TEXTS, "auto")


def notebook(X: pd.DataFrame) -> Style:
    """Choose columns by a selector and by an index, give categories as pandas has them, and cache fitted steps."""
    table = X.astype(dict.fromkeys(TEXTS, "str"))
    cities = [table[name].unique() for name in TEXTS]
    return Style(make_column_selector(dtype_include=np.number), table[TEXTS].columns, cities, joblib.Memory(None))


STYLES: dict[str, Callable[[pd.DataFrame], Style]] = {"script": script, "notebook": notebook}
Compose = Callable[[Style], Any]


def numbers(transformer: Callable[[], Any]) -> Compose:
    """Transform the numbers after filling in what is missing, and pass categories through an encoder."""

    def compose(style: Style) -> Any:
        filled = make_pipeline(impute.SimpleImputer(strategy="median"), transformer())
        encoder = preprocessing.OneHotEncoder(categories=style.cities, sparse_output=False)
        return ColumnTransformer([("numbers", filled, style.numbers), ("texts", encoder, style.texts)])

    return compose


def texts(encoder: Callable[[Style], Any]) -> Compose:
    """Encode the categories, beside imputed numbers."""
    return lambda style: make_column_transformer((encoder(style), style.texts), (impute.SimpleImputer(), style.numbers))


def imputed(imputer: Callable[[], Any]) -> Compose:
    """Fill in missing numbers, and scale them."""
    return lambda style: make_column_transformer(
        (make_pipeline(imputer(), preprocessing.StandardScaler()), style.numbers)
    )


def of_note(vectorizer: Callable[[], Any]) -> Compose:
    """Count the words of a text, beside imputed numbers."""
    return lambda style: make_column_transformer(
        (vectorizer(), "note"), (impute.SimpleImputer(), style.numbers), sparse_threshold=0
    )


def tables(style: Style) -> Any:
    """Pass tables with names from step to step."""
    return texts(lambda _: preprocessing.OneHotEncoder(sparse_output=False))(style).set_output(transform="pandas")


def nested(style: Style) -> Any:
    """Choose columns by name in two steps, one after the other."""
    first = make_column_transformer(
        (impute.SimpleImputer(), style.numbers), ("passthrough", style.texts), verbose_feature_names_out=False
    ).set_output(transform="pandas")
    second = make_column_transformer(
        (preprocessing.StandardScaler(), NUMBERS), (preprocessing.OneHotEncoder(sparse_output=False), TEXTS)
    )
    return Pipeline([("first", first), ("second", second)], memory=style.memory)


def union(style: Style) -> Any:
    """Put two transformers of the same numbers side by side."""
    both = FeatureUnion([("scaled", preprocessing.StandardScaler()), ("parts", decomposition.PCA(2))])
    return make_column_transformer((make_pipeline(impute.SimpleImputer(), both), style.numbers))


COMPOSITIONS: dict[str, Compose] = {
    "OneHotEncoder": texts(lambda style: preprocessing.OneHotEncoder(categories=style.cities, sparse_output=False)),
    "OneHotEncoder(drop)": texts(lambda _: preprocessing.OneHotEncoder(drop="first", sparse_output=False)),
    "OneHotEncoder(min_frequency)": texts(
        lambda _: preprocessing.OneHotEncoder(
            min_frequency=30, handle_unknown="infrequent_if_exist", sparse_output=False
        )
    ),
    "OrdinalEncoder": texts(lambda style: preprocessing.OrdinalEncoder(categories=style.cities)),
    "TargetEncoder": texts(lambda _: preprocessing.TargetEncoder(random_state=0)),
    "StandardScaler": numbers(preprocessing.StandardScaler),
    "MinMaxScaler": numbers(preprocessing.MinMaxScaler),
    "MaxAbsScaler": numbers(preprocessing.MaxAbsScaler),
    "RobustScaler": numbers(preprocessing.RobustScaler),
    "PowerTransformer": numbers(preprocessing.PowerTransformer),
    "QuantileTransformer": numbers(lambda: preprocessing.QuantileTransformer(n_quantiles=20)),
    "Normalizer": numbers(preprocessing.Normalizer),
    "Binarizer": numbers(preprocessing.Binarizer),
    "KBinsDiscretizer": numbers(
        lambda: preprocessing.KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf")
    ),
    "SplineTransformer": numbers(lambda: preprocessing.SplineTransformer(4)),
    "PolynomialFeatures": numbers(lambda: preprocessing.PolynomialFeatures(2)),
    "FunctionTransformer(log1p)": numbers(lambda: preprocessing.FunctionTransformer(np.log1p)),
    "FunctionTransformer(sqrt)": numbers(lambda: preprocessing.FunctionTransformer(np.sqrt)),
    "SimpleImputer": imputed(lambda: impute.SimpleImputer(add_indicator=True)),
    "KNNImputer": imputed(impute.KNNImputer),
    "IterativeImputer": imputed(lambda: impute.IterativeImputer(max_iter=3, random_state=0)),
    "PCA": numbers(lambda: decomposition.PCA(2)),
    "TruncatedSVD": numbers(lambda: decomposition.TruncatedSVD(2, random_state=0)),
    "Nystroem": numbers(lambda: kernel_approximation.Nystroem(n_components=10, random_state=0)),
    "VarianceThreshold": numbers(feature_selection.VarianceThreshold),
    "FeatureUnion": union,
    "TfidfVectorizer": of_note(TfidfVectorizer),
    "CountVectorizer": of_note(CountVectorizer),
    "HashingVectorizer": of_note(lambda: HashingVectorizer(n_features=64, alternate_sign=False)),
    "set_output(pandas)": tables,
    "nested ColumnTransformer": nested,
}
