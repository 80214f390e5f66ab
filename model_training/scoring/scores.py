"""Predicting the rows of a table piece by piece, by the code that serves."""

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
"""What a cell of a CSV file holds where it holds nothing, unless it is one of the feature's categories."""
TRUTH = {"true": True, "false": False}
PREDICTION, PROBABILITY = "prediction", "probability"
Place = Callable[[int], str]
"""From a row's number, from 0 on, to where a person finds it."""


def scored(pieces: Iterator[pd.DataFrame], model: LoadedModel, place: Place) -> Iterator[pd.DataFrame]:
    """Add to each piece what the model says of its rows; `place` says where a row is that can't be scored.

    Raises:
        BadTable: a column is missing or in the way, or a row is not one that a caller may send.
    """
    for piece in pieces:
        _check_columns(list(map(str, piece.columns)), model)
        yield piece.assign(**_answers(_outputs(piece, model, place), model))


def added(model: LoadedModel) -> list[str]:
    """Name the columns that scoring adds."""
    if not model.has_probabilities:
        return [PREDICTION]
    if model.manifest.task == "binary":
        return [PREDICTION, PROBABILITY]
    return [PREDICTION, *(f"{PROBABILITY}_{each}" for each in model.manifest.classes or ())]


def _check_columns(names: Sequence[str], model: LoadedModel) -> None:
    if lacking := [name for name in model.schema.names if name not in names]:
        raise BadTable(f"the model needs the columns {', '.join(map(repr, lacking))}; there are {', '.join(names)}")
    if there := [name for name in added(model) if name in names]:
        raise BadTable(f"there is a column {there[0]!r} already, which is what the answers are written as")


def _outputs(piece: pd.DataFrame, model: LoadedModel, place: Place) -> Outputs:
    values = {feature.name: _values(piece[feature.name].tolist(), feature) for feature in model.schema.features}
    try:
        table = convert(values, model.schema.Table, lambda loc: loc)
        return predict(Query(len(piece), model.schema.arrays(table)), model)
    except BadInput as error:
        name, row, *_ = error.fault.loc
        raise BadTable(f"{place(piece.index[int(row)])}, {name}: {error.fault.msg}") from None
    except BadRow as error:
        raise BadTable(f"{place(piece.index[error.row])}: {error}") from None


def _values(cells: list[Any], feature: Feature) -> list[Any]:
    """Take cells for values of a feature; each different one once, as there are few of most."""
    read = _reader(feature)
    try:
        known = {cell: read(cell) for cell in set(cells)}
    except TypeError:  # Parquet has cells, such as lists, that no feature takes.
        return cells
    return [known[cell] for cell in cells]


def _reader(feature: Feature) -> Callable[[Any], Any]:
    """Make what reads a cell; what it can't read is left as it is, for the schema to refuse."""
    categories = frozenset(map(str, feature.categories or ()))

    def read(cell: Any) -> Any:
        text = isinstance(cell, str)
        if cell is None or cell != cell or (text and cell in MISSING and cell not in categories):  # noqa: PLR0124
            return None
        if feature.type == "string":
            return cell if text else str(cell)
        if feature.type == "boolean":
            return TRUTH.get(cell.lower(), cell) if text else cell
        return _number(cell, whole=feature.type == "integer")

    return read


def _number(cell: Any, *, whole: bool) -> Any:
    if isinstance(cell, bool) or (isinstance(cell, str) and "_" in cell):  # Python's numbers, nobody else's.
        return cell
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        return cell
    if not whole or not number.is_integer():
        return number
    try:
        return int(cell)  # Beyond 2**53 a float is another number.
    except ValueError:
        return int(number)


def _answers(outputs: Outputs, model: LoadedModel) -> dict[str, Any]:
    numbers = [] if outputs.probabilities is None else list(outputs.probabilities.astype(np.float64).T)
    told = numbers[1:] if model.manifest.task == "binary" else numbers
    return dict(zip(added(model), [outputs.labels.tolist(), *told], strict=True))
