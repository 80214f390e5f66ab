"""Predict the rows of a table chunk by chunk, with the same code as the function."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from function.errors import BadInput, BadRow
from function.inference.prediction import predict
from function.inference.query import Query
from function.model.checks import checks_of
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.manifest import Feature
from function.model.outputs import Outputs
from function.model.schema import Columns
from model_training.data.cells.conversion import FALSE, TRUE
from model_training.data.cells.formats import NumberFormat
from model_training.data.cells.missing import is_missing
from model_training.data.errors import BadTable

BOOLEANS = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
PREDICTION, PROBABILITY = "prediction", "probability"
Locate = Callable[[int], str]
"""Converts the position of a row, from 0, to its location in the file for an error message."""


@dataclass(frozen=True)
class CellRules:
    """How to read the cells of a table."""

    missing: frozenset[str] = frozenset()
    """Words that mean a missing value, besides an empty cell."""
    notations: Mapping[str, NumberFormat] = field(default_factory=dict)
    """The notations of the columns whose numbers are not plain."""


def score_chunks(
    chunks: Iterator[pd.DataFrame], model: LoadedModel, locate: Locate, rules: CellRules, unknown: Counter[str]
) -> Iterator[pd.DataFrame]:
    """Add columns with the predictions to each chunk.

    `locate` gives the location of a row in an error message; `unknown` counts the unknown values of each feature.

    Raises:
        BadTable: a column is missing, has the name of a prediction column, or a value is not allowed.
    """
    for chunk in chunks:
        _check_columns(list(map(str, chunk.columns)), model)
        columns = _columns(chunk, model, locate, rules)
        unknown.update(model.schema.unknown_values(columns))
        yield chunk.assign(**_prediction_columns(_outputs(chunk, columns, model, locate), model))


def added_columns(model: LoadedModel) -> list[str]:
    """Return the names of the columns that scoring adds."""
    if not model.has_probabilities:
        return [PREDICTION]
    if model.manifest.task == "binary":
        return [PREDICTION, PROBABILITY]
    return [PREDICTION, *(f"{PROBABILITY}_{each}" for each in model.manifest.classes or ())]


def _check_columns(names: Sequence[str], model: LoadedModel) -> None:
    if missing := [name for name in model.schema.names if name not in names]:
        raise BadTable(
            f"the table lacks the model's columns {', '.join(map(repr, missing))}; its columns are {', '.join(names)}"
        )
    if existing := [name for name in added_columns(model) if name in names]:
        raise BadTable(f"the table already has a column {existing[0]!r}, which holds the predictions: rename it")


def _columns(chunk: pd.DataFrame, model: LoadedModel, locate: Locate, rules: CellRules) -> Columns:
    schema = model.schema
    values = {feature.name: _values(chunk[feature.name].tolist(), feature, rules) for feature in schema.features}
    try:
        return schema.arrays(msgspec.convert(values, schema.Table))
    except msgspec.ValidationError:
        rows = zip(*values.values(), strict=True)
    try:
        return schema.columns_of(checks_of(schema).values(rows, _as_it_is).rows)
    except BadInput as error:
        row, name, *_ = error.faults[0].loc
        raise BadTable(f"{locate(chunk.index[int(row)])}, {name}: {error.faults[0].msg}") from None


def _outputs(chunk: pd.DataFrame, columns: Columns, model: LoadedModel, locate: Locate) -> Outputs:
    try:
        return predict(Query(len(chunk), columns), model)
    except BadRow as error:
        raise BadTable(f"{locate(chunk.index[error.row])}: {error}") from None


def _as_it_is(place: Place) -> Place:
    return place


def number_columns(model: LoadedModel) -> set[str]:
    """Return the names of the features that are numbers."""
    return {feature.name for feature in model.schema.features if feature.type in ("number", "integer")}


def _values(values: list[Any], feature: Feature, rules: CellRules) -> list[Any]:
    """Convert cells to values of a feature; each distinct cell once, because most columns have few."""
    try:
        distinct = set(values)
    except TypeError:  # Parquet has unhashable cells, such as lists, which no feature supports.
        return values
    notation = rules.notations.get(feature.name)
    plain = _plain(distinct, notation) if notation else {}
    parse = _parser(feature)

    def converted(cell: Any) -> Any:
        if is_missing(cell, rules.missing):
            return None
        if notation and isinstance(cell, str):
            return parse(plain[cell]) if cell in plain else cell
        return parse(cell)

    known = {cell: converted(cell) for cell in distinct}
    return [known[value] for value in values]


def _plain(distinct: Collection[Any], notation: NumberFormat) -> dict[str, str]:
    """Return the numbers in a notation as plain numbers; cells in another notation are left out."""
    texts = [cell for cell in distinct if isinstance(cell, str)]
    trimmed = compute.utf8_trim_whitespace(pa.array(texts, pa.large_string()))
    matched = compute.match_substring_regex(trimmed, notation.pattern).to_pylist()
    plain = notation.plain(trimmed).to_pylist()
    return {text: number for text, number, fits in zip(texts, plain, matched, strict=True) if fits}


def _parser(feature: Feature) -> Callable[[Any], Any]:
    """Return a function that parses a cell; it leaves invalid cells unchanged, for the schema to refuse."""

    def parse(cell: Any) -> Any:
        if feature.type == "string":
            return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
        if feature.type == "boolean":
            return BOOLEANS.get(cell.lower(), cell) if isinstance(cell, str) else {0: False, 1: True}.get(cell, cell)
        return _number(cell, whole=feature.type == "integer")

    return parse


def _number(cell: Any, *, whole: bool) -> Any:
    if isinstance(cell, bool) or (isinstance(cell, str) and "_" in cell):  # Only Python reads True or 1_000 as numbers.
        return cell
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        return cell
    if not whole or not number.is_integer():
        return number
    try:
        return int(cell)  # Above 2**53 a float may be a different number.
    except ValueError:
        return int(number)


def _prediction_columns(outputs: Outputs, model: LoadedModel) -> dict[str, Any]:
    probabilities = [] if outputs.probabilities is None else list(outputs.probabilities.astype(np.float64).T)
    if model.manifest.task == "binary":
        probabilities = probabilities[1:]
    return dict(zip(added_columns(model), [outputs.labels.tolist(), *probabilities], strict=True))
