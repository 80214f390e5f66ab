"""Put an encoder before a booster, which turns the texts of categories into its codes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from model_training.bundling.exact.boosters.category_texts import category_texts
from model_training.bundling.exact.boosters.libraries import in_order
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import reading
from model_training.bundling.exact.trees.lightgbm.read import coded_columns, pandas_categories
from model_training.bundling.exact.trees.native_file import library_of


def with_encoder(estimator: Any, rows: pd.DataFrame) -> Any:
    """Put an encoder of its categories before an estimator that has some.

    Args:
        estimator: a booster.
        rows: a sample with a column for each feature, in any order, and perhaps others.

    Raises:
        Refused: the sample does not fit, or a category cannot be read.
    """
    library, names = library_of(estimator), getattr(estimator, "feature_names_in_", None)
    names = _with_spaces(names, rows) if library == "lightgbm" else names
    if lacking := [str(name) for name in (() if names is None else names) if name not in rows.columns]:
        raise Refused(f"the sample lacks the model's columns {', '.join(lacking)}; its columns are {_listed(rows)}")
    rows = in_order(names, rows)
    if library == "xgboost":
        return encoded(estimator, xgboost_categories(estimator, rows), rows)
    if library == "lightgbm":
        return encoded(estimator, lightgbm_categories(estimator.native_file.data, rows), rows)
    return encoded(estimator, catboost_categories(estimator, rows), rows)


def _with_spaces(names: Any, rows: pd.DataFrame) -> Any:
    """Return names as those of a table, whose spaces LightGBM writes as underscores, unless two become the same."""
    if names is None or set(names) <= set(rows.columns):
        return names
    written = [str(name).replace(" ", "_") for name in rows.columns]
    own = dict(zip(written, rows.columns, strict=True))
    return [own.get(name, name) if written.count(name) == 1 else name for name in names]


def encoded(estimator: Any, categories: Mapping[int, Sequence[Any]], rows: pd.DataFrame) -> Any:
    """Put an encoder before an estimator that makes codes of its categories; other columns stay as they are."""
    if getattr(estimator, "n_features_in_", len(rows.columns)) != len(rows.columns):
        raise Refused(f"the model has {estimator.n_features_in_} features, and the sample {len(rows.columns)} columns")
    # Whose names are not those of the sample, such as LightGBM's without spaces, is given its columns by place.
    if not categories and set(getattr(estimator, "feature_names_in_", rows.columns)) == set(rows.columns):
        return estimator
    parts: list[tuple[str, Any, list[Any]]] = []
    for place, name in enumerate(rows.columns):
        if place in categories:
            parts.append((f"{place}", _encoder(categories[place], rows[name]), [name]))
        elif parts and parts[-1][1] == "passthrough":
            parts[-1][2].append(name)
        else:
            parts.append((f"{place}", "passthrough", [name]))
    encoder = ColumnTransformer(parts).fit(rows)
    model: Pipeline = make_pipeline(encoder, estimator)
    return model


def lightgbm_categories(data: bytes, rows: pd.DataFrame) -> dict[int, list[Any]]:
    """Return the categories of the columns that were pandas' categories.

    Raises:
        Refused: it is not clear which columns these are, or the sample has other values there.
    """
    lists = pandas_categories(data) or []
    coded = coded_columns(data)
    texts = [place for place, name in enumerate(rows.columns) if rows[name].dtype.kind not in "iufb"]
    places = coded if len(coded) == len(lists) else texts
    if len(lists) != len(places):
        raise Refused(
            f"the model has {len(lists)} columns of categories, and the sample {len(texts)} that are text"
            f" ({_listed(rows.iloc[:, texts]) or 'none'}): correct the sample by --kind COLUMN=text, number or drop"
        )
    if stray := sorted({*texts} - {*places}):
        raise Refused(
            f"the sample has text in {_listed(rows.iloc[:, stray])}, which is numbers to the model: correct the sample "
            "by --kind COLUMN=number"
        )
    for place, known in zip(places, lists, strict=True):
        if any(isinstance(value, str) for value in known) != (place in texts):
            raise Refused(
                f"the sample has other values of {rows.columns[place]!r} than the categories of the model, such as "
                f"{known[0]!r}: correct it by --kind COLUMN=text, number or boolean"
            )
    return dict(zip(places, lists, strict=True))


def xgboost_categories(estimator: Any, rows: pd.DataFrame) -> dict[int, list[Any]]:
    """Return the categories that a file since 3.1 holds.

    Raises:
        Refused: some cannot be read.
    """
    with reading("XGBoost"):
        booster = estimator.get_booster()
        found = booster.get_categories(export_to_arrow=True).to_arrow() if hasattr(booster, "get_categories") else None
        return {
            place: category_texts(values, str(rows.columns[place]), rows.iloc[:, place].dropna().unique().tolist())
            for place, (_, values) in enumerate(found or ())
            if values is not None and place < len(rows.columns)
        }


def catboost_categories(estimator: Any, rows: pd.DataFrame) -> dict[int, list[Any]]:
    """Return the values of the sample whose texts are the categories."""
    return {column: sorted(rows.iloc[:, column].unique().tolist(), key=str) for column in estimator.native_file.texts}


def _encoder(known: Sequence[Any], column: pd.Series) -> OrdinalEncoder:
    """Make codes of the categories; if the sample lacks some values, missing is one more, whose code is missing."""
    dtype: Any = column.dtype if column.dtype.kind in "iu" else np.dtype(object)
    values: Any = np.array([*known, *([np.nan] if column.isna().any() else [])], dtype=dtype)
    return OrdinalEncoder(categories=[values], handle_unknown="use_encoded_value", unknown_value=np.nan)


def _listed(rows: pd.DataFrame) -> str:
    return ", ".join(map(str, rows.columns))
