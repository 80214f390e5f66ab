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
from function.model.outputs import Outputs
from model_training.data.cells.reading import Options
from model_training.data.errors import BadTable
from model_training.scoring.cells import convert_cells
from model_training.scoring.rules import CellRules

PREDICTION, PROBABILITY = "prediction", "probability"
Locate = Callable[[int], str]
"""Converts the position of a row, from 0, to its location in the file for an error message."""


def score_chunks(
    chunks: Iterator[pd.DataFrame], model: LoadedModel, locate: Locate, rules: CellRules
) -> Iterator[pd.DataFrame]:
    """Add columns with the predictions to each chunk; `locate` gives the location of a row in an error message.

    Raises:
        BadTable: a column is missing, has the name of a prediction column, or a value is not allowed.
    """
    for chunk in chunks:
        _check_columns(list(map(str, chunk.columns)), model)
        yield chunk.assign(**_prediction_columns(_outputs(chunk, model, locate, rules), model))


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


def _outputs(chunk: pd.DataFrame, model: LoadedModel, locate: Locate, rules: CellRules) -> Outputs:
    values = {
        feature.name: convert_cells(
            chunk[feature.name].tolist(),
            feature,
            rules.options.get(feature.name, Options(feature.name)),
            rules.notations.get(feature.name),
        )
        for feature in model.schema.features
    }
    try:
        table = convert(values, model.schema.Table, lambda loc: loc)
        return predict(Query(len(chunk), model.schema.arrays(table)), model)
    except BadInput as error:
        name, row, *_ = error.fault.loc
        raise BadTable(f"{locate(chunk.index[int(row)])}, {name}: {error.fault.msg}") from None
    except BadRow as error:
        raise BadTable(f"{locate(chunk.index[error.row])}: {error}") from None


def _prediction_columns(outputs: Outputs, model: LoadedModel) -> dict[str, Any]:
    probabilities = [] if outputs.probabilities is None else list(outputs.probabilities.astype(np.float64).T)
    if model.manifest.task == "binary":
        probabilities = probabilities[1:]
    return dict(zip(added_columns(model), [outputs.labels.tolist(), *probabilities], strict=True))
