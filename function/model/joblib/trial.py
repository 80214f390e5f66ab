"""Try a bare model on made-up rows, because its file has no rows of its own."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from function.errors import Refused
from function.model.date_parts import DateParts
from function.model.engines.inputs import VECTORIZERS, first_part, inner_parts
from function.model.engines.sklearn import SklearnEngine, is_fault_of_model
from function.model.outputs import Outputs
from function.model.schema import array_of_any

NUMBER, TEXT, DATE = 1.0, "a", "2024-05-31"
MAX_UNKNOWN = 6
"""The most columns of unknown types whose types are tried in all combinations."""
SHOWN = 200
"""How much of an exception's text is shown."""


def try_rows(model: Any, engine: SklearnEngine, width: int) -> Outputs:
    """Predict a made-up row of `width` values; return the prediction.

    Raises:
        Refused: the model predicts none of those that are tried.
    """
    reason: BaseException | None = None
    for row in _rows(model, width):
        try:
            return engine.predict_columns([array_of_any([value]) for value in row])
        except Exception as error:  # Whatever an unknown model raises, the process keeps serving the one it has.
            reason = error.__cause__ or error
            if is_fault_of_model(error):
                break
    lines = str(reason).splitlines()
    shown = ascii(lines[0] if lines else "")[1:-1][:SHOWN]
    raise Refused(f"the model predicts none of the rows that were tried: {type(reason).__name__}: {shown}")


def _rows(model: Any, width: int) -> Iterator[list[Any]]:
    """Yield rows: of values that the encoders know, of numbers, and of texts where both are possible."""
    columns = list(getattr(first_part(model), "feature_names_in_", range(width)))
    known = _known(model, columns)
    unknown = [column for column in columns if column not in known]
    if len(unknown) > MAX_UNKNOWN:
        choices: Iterator[Sequence[Any]] = iter([[NUMBER] * len(unknown), [TEXT] * len(unknown)])
    else:
        choices = itertools.product([NUMBER, TEXT], repeat=len(unknown))
    for chosen in choices:
        row = {**known, **dict(zip(unknown, chosen, strict=True))}
        yield [row[column] for column in columns]


Values = dict[Any, Any]
"""A value that a column supports, by its name or position."""


def _known(part: Any, columns: Sequence[Any]) -> Values:
    """Return the values that fitted parts reveal: categories, most frequent values, and that they compute."""
    if part is None or isinstance(part, str | FunctionTransformer):
        return {}
    if isinstance(part, ColumnTransformer):
        places = getattr(part, "_transformer_to_input_indices", {})
        return _merged(_known(each, [columns[i] for i in places.get(name, ())]) for name, each, _ in part.transformers_)
    if isinstance(part, FeatureUnion):
        return _merged(_known(each, columns) for _, each in part.transformer_list)
    if isinstance(part, Pipeline):
        return _known_in_pipeline(part, columns)
    return dict.fromkeys(columns, TEXT) if isinstance(part, VECTORIZERS) else _known_to(part, columns)


def _known_to(part: Any, columns: Sequence[Any]) -> Values:
    """Return the values that a part without named parts of its own reveals."""
    if isinstance(part, DateParts):
        return dict.fromkeys(columns, DATE)
    lists = getattr(part, "categories_", getattr(part, "statistics_", None))
    if isinstance(lists, list | np.ndarray) and len(lists) == len(columns):
        return dict(zip(columns, map(_value, lists), strict=True))
    inner = next(inner_parts(part), None)
    numbers = dict.fromkeys(columns, NUMBER) if type(part).__module__.startswith("sklearn.") else {}
    return numbers if inner is None else {**numbers, **_known(inner, columns)}


def _known_in_pipeline(pipeline: Pipeline, columns: Sequence[Any]) -> Values:
    """Imputers keep the columns; what comes after another step knows its columns by name only."""
    found: list[Values] = []
    kept = True
    for _, step in pipeline.steps:
        current = columns if kept else list(getattr(step, "feature_names_in_", ()))
        found.append(_known(step, current) if len(current) else {})
        kept = kept and (step is None or isinstance(step, str | SimpleImputer))
    return _merged(found)


def _merged(known: Iterable[Values]) -> Values:
    merged: Values = {}
    for each in known:
        merged = {**each, **merged}
    return merged


def _value(known: Any) -> Any:
    """Return the first category, or the imputed value, as callers send it: a text, a boolean or a number."""
    values = np.asarray(known).reshape(-1).tolist() or [NUMBER]
    return float(values[0]) if isinstance(values[0], int) and not isinstance(values[0], bool) else values[0]
