"""Describe a fitted model's features, from its encoders, a sample and trial predictions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from msgspec import UNSET
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.pipeline import Pipeline

from function.model.dates import DateFormat, write_time
from function.model.engines.inputs import input_of
from function.model.engines.sklearn import UNSUPPORTED_ERRORS, encode, has_two_stages
from function.model.manifest import Feature, FeatureType
from model_training.bundling.policies import refuse_unknown_names, unknown_policy, with_default
from model_training.data.dataset import Dataset

TYPES: dict[str, FeatureType] = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
IMPUTERS = (SimpleImputer, KNNImputer, MissingIndicator)
TRIED_VALUES = 50


def describe_features(model: Any, sample: Dataset) -> tuple[Feature, ...]:
    """Describe each column of a sample as a feature of the manifest.

    The categories are those that the model's encoders were fitted on, and the type is that of the sample.
    A feature is nullable if a trial shows that the model handles missing values. Its encoded columns are those
    that change when only this feature changes. Its unknown categories are open, unless the user closes them, if
    a trial shows that the model handles them.

    Raises:
        Refused: the policies contradict the model.
    """
    categories = known_categories(model, list(sample.X.columns))
    refuse_unknown_names(sample.policies, list(sample.X.columns))
    return tuple(_describe(model, sample, name, categories.get(name)) for name in sample.X.columns)


def _describe(model: Any, sample: Dataset, name: str, categories: list[Any] | None) -> Feature:
    given, known = sample.X[name].dropna(), [value for value in categories or [] if not _is_missing(value)]
    literal = all(isinstance(value, str | int) and not isinstance(value, bool) for value in known)
    values = known if literal else []
    labels = sample.labels.get(name, {})
    nullable = _is_nullable(model, sample.X, name, categories, lacking=name in sample.lacking)
    unknown = unknown_policy(model, sample, name, values) if values else UNSET
    kind = sample.dates.get(name)
    feature = Feature(
        name=name,
        type=_type(given, values),
        format=kind or UNSET,
        categories=tuple(values) or None,
        labels=tuple(labels.get(value, str(value)) for value in values) if labels else None,
        nullable=nullable,
        typical=_typical(given[given.isin(values)] if values else given, values, kind),
        description=sample.descriptions.get(name, ""),
        encoded=_own_columns(model, sample.X, name, known, nullable=nullable),
        unknown=unknown,
    )
    return with_default(feature, sample.policies)


def known_categories(transformer: Any, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Collect the categories of fitted encoders by column."""
    if isinstance(transformer, ColumnTransformer):
        found: dict[str, list[Any]] = {}
        for _, part, chosen in transformer.transformers_:
            names = np.asarray(columns, dtype=object)[_positions(chosen, columns)]
            found |= known_categories(part, list(names))
        return found
    if isinstance(transformer, Pipeline):
        # An imputer keeps the columns, so that the categories of the step after it are still those of the columns.
        steps = [step for _, step in transformer.steps]
        first = next((step for step in steps if not isinstance(step, IMPUTERS)), None)
        return known_categories(first, columns)
    lists = getattr(transformer, "categories_", None)
    if lists is None or len(lists) != len(columns):
        return {}
    return {name: list(values.tolist()) for name, values in zip(columns, lists, strict=True)}


def _positions(chosen: Any, columns: Sequence[str]) -> Any:
    """Return the positions of the columns that a ColumnTransformer selects by names, numbers, a slice or a mask."""
    names = [chosen] if isinstance(chosen, str) else chosen
    if isinstance(names, slice):
        return names
    return [columns.index(name) if isinstance(name, str) else name for name in list(names)]


def _type(given: pd.Series, categories: Sequence[Any]) -> FeatureType:
    if categories:
        return "string" if any(isinstance(value, str) for value in categories) else "integer"
    if given.dtype == object and len(given) and all(isinstance(value, bool) for value in given):
        return "boolean"
    return TYPES.get(given.dtype.kind, "string")


def _typical(given: pd.Series, categories: Sequence[Any], date: DateFormat | None) -> Any:
    """Return the median of numbers and dates (the lower of two), or the most frequent other value; None without."""
    if not len(given):
        return None
    if date:
        return write_time(given.sort_values().iloc[(len(given) - 1) // 2], date)
    numbers = given.dtype.kind in "iuf" and not categories
    value = given.quantile(interpolation="lower") if numbers else given.mode().iloc[0]
    return value.item() if isinstance(value, np.generic) else value


def _is_nullable(model: Any, X: pd.DataFrame, name: str, categories: list[Any] | None, *, lacking: bool) -> bool:
    """Return whether a feature's value may be missing.

    The model must predict without the value, and one of these must hold: the sample, or the table that it comes
    from (`lacking`), has missing values too; missing is a category; the encoded vector has a number, or one of the
    categories, in place of the value.
    """
    if categories is not None and any(map(_is_missing, categories)):
        return True
    row = without(X.iloc[[0]], name, float if X[name].dtype.kind in "iufb" else object)
    try:
        model.predict(input_of(model, row))
    except UNSUPPORTED_ERRORS:
        return False
    if lacking or X[name].isna().any():
        return True
    if not has_two_stages(model):
        return False
    encoded = _encode(model, row)
    if not categories:
        return bool(np.isfinite(encoded.astype(float)).all())
    return any(np.array_equal(encoded, _encode(model, row.assign(**{name: value}))) for value in categories)


def _own_columns(
    model: Any, X: pd.DataFrame, name: str, categories: Sequence[Any], *, nullable: bool
) -> tuple[int, ...]:
    """Find the encoded columns that change when only this feature takes each of its values, or is missing."""
    values = [*categories] or X[name].dropna().unique()[:TRIED_VALUES].tolist()
    dtype = X[name].dtype
    if dtype.kind == "M":
        values = [*_every_part(X[name].min()), *([np.datetime64("NaT", "s")] if nullable else [])]
    elif nullable:
        values, dtype = [*values, np.nan], np.dtype(float if dtype.kind in "iufb" else object)
    rows = pd.concat([X.iloc[[0]]] * max(1, len(values)), ignore_index=True)
    rows[name] = pd.Series(values, dtype=dtype)
    try:
        encoded = _encode(model, rows)
        # NaN in all rows is not a change, although it differs from itself.
        changed = (encoded != encoded[0]) & ~(pd.isna(encoded) & pd.isna(encoded[0]))
        return tuple(np.flatnonzero(changed.any(axis=0)).tolist())
    except UNSUPPORTED_ERRORS:
        return ()


def _every_part(first: Any) -> list[np.datetime64]:
    """Return dates of which each part has each of its values: every hour, weekday and month, and two years."""
    start = np.datetime64(first, "s")
    hours, months = start + np.arange(7 * 24).astype("timedelta64[h]"), start.astype("datetime64[M]") + np.arange(13)
    return [*hours, *months.astype("datetime64[s]")]


def without(row: pd.DataFrame, name: str, dtype: type) -> pd.DataFrame:
    """Return a row whose value of one column is missing; `dtype` is that of the column if it is no date."""
    if row[name].dtype.kind == "M":
        return row.assign(**{name: np.array(["NaT"], dtype="datetime64[s]")})
    return row.astype({name: dtype}).assign(**{name: pd.Series([np.nan], index=row.index, dtype=dtype)})


def _encode(model: Any, rows: pd.DataFrame) -> Any:
    return encode(model, input_of(model, rows)) if has_two_stages(model) else rows.to_numpy()


def _is_missing(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 (NaN alone differs from itself)
