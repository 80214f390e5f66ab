"""Predict the rows of a table chunk by chunk, with the same code as the function."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from function.errors import BadInput, BadRow
from function.inference.prediction import predict
from function.inference.query import Query
from function.model.conversion import convert
from function.model.loaded import LoadedModel
from function.model.manifest import Feature
from function.model.outputs import Outputs
from model_training.data.errors import BadTable

MISSING = frozenset(("", " ", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"))
"""Cells of a CSV file that mean a missing value, unless the feature has a category of that name."""
BOOLEANS = {"true": True, "false": False}
PREDICTION, PROBABILITY = "prediction", "probability"
Locate = Callable[[int], str]
"""Converts the position of a row, from 0, to its location in the file for an error message."""


def score_chunks(chunks: Iterator[pd.DataFrame], model: LoadedModel, locate: Locate) -> Iterator[pd.DataFrame]:
    """Add columns with the predictions to each chunk; `locate` gives the location of a row in an error message.

    Raises:
        BadTable: a column is missing, has the name of a prediction column, or a value is not allowed.
    """
    for chunk in chunks:
        _check_columns(list(map(str, chunk.columns)), model)
        yield chunk.assign(**_prediction_columns(_outputs(chunk, model, locate), model))


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


def _outputs(chunk: pd.DataFrame, model: LoadedModel, locate: Locate) -> Outputs:
    values = {feature.name: _values(chunk[feature.name].tolist(), feature) for feature in model.schema.features}
    try:
        table = convert(values, model.schema.Table, lambda loc: loc)
        return predict(Query(len(chunk), model.schema.arrays(table)), model)
    except BadInput as error:
        name, row, *_ = error.fault.loc
        raise BadTable(f"{locate(chunk.index[int(row)])}, {name}: {error.fault.msg}") from None
    except BadRow as error:
        raise BadTable(f"{locate(chunk.index[error.row])}: {error}") from None


def _values(cells: list[Any], feature: Feature) -> list[Any]:
    """Convert cells to values of a feature; each distinct cell once, because most columns have few."""
    parse = _parser(feature)
    try:
        known = {cell: parse(cell) for cell in set(cells)}
    except TypeError:  # Parquet has unhashable cells, such as lists, which no feature supports.
        return cells
    return [known[cell] for cell in cells]


def _parser(feature: Feature) -> Callable[[Any], Any]:
    """Return a function that parses a cell; it leaves invalid cells unchanged, for the schema to refuse."""
    categories = frozenset(map(str, feature.categories or ()))

    def parse(cell: Any) -> Any:
        text = isinstance(cell, str)
        if cell is None or cell != cell or (text and cell in MISSING and cell not in categories):  # noqa: PLR0124
            return None
        if feature.type == "string":
            return cell if text else str(cell)
        if feature.type == "boolean":
            return BOOLEANS.get(cell.lower(), cell) if text else cell
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
