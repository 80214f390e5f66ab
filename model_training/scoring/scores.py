"""Predict the rows of a table chunk by chunk, with the same code as the function."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from function.errors import BadInput, BadRow
from function.inference.prediction import predict
from function.inference.query import Query
from function.model.checks import checks_of
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.model.schema import Columns
from model_training.data.cells.reading import Options
from model_training.data.errors import BadTable
from model_training.scoring.cells import convert_cells
from model_training.scoring.rules import CellRules

PREDICTION, PROBABILITY, SCORE = "prediction", "probability", "score"
Locate = Callable[[int], str]
"""Converts the position of a row, from 0, to its location in the file for an error message."""


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
    if model.manifest.predicted_outputs:
        return [f"{PREDICTION}_{output.name}" for output in model.manifest.predicted_outputs]
    if model.has_scores:
        return [PREDICTION, SCORE]
    if not model.has_probabilities:
        return [PREDICTION]
    if model.manifest.task == "binary":
        return [PREDICTION, PROBABILITY]
    return [PREDICTION, *(f"{PROBABILITY}_{each}" for each in model.manifest.classes or ())]


def _check_columns(names: Sequence[str], model: LoadedModel) -> None:
    if missing := [each.name for each in model.schema.features if each.name not in names and not each.optional]:
        raise BadTable(
            f"the table lacks the model's columns {', '.join(map(repr, missing))}; its columns are {', '.join(names)}"
        )
    if existing := [name for name in added_columns(model) if name in names]:
        raise BadTable(f"the table already has a column {existing[0]!r}, which holds the predictions: rename it")


def _columns(chunk: pd.DataFrame, model: LoadedModel, locate: Locate, rules: CellRules) -> Columns:
    schema = model.schema
    values = {
        feature.name: convert_cells(
            chunk[feature.name].tolist(),
            feature,
            rules.options.get(feature.name, Options(feature.name)),
            rules.notations.get(feature.name),
        )
        if feature.name in chunk
        else [feature.absent] * len(chunk)
        for feature in schema.features
    }
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


def _prediction_columns(outputs: Outputs, model: LoadedModel) -> dict[str, Any]:
    if model.manifest.predicted_outputs:
        return dict(zip(added_columns(model), map(list, zip(*outputs.labels.tolist(), strict=True)), strict=True))
    if outputs.scores is not None:
        return {PREDICTION: outputs.labels.tolist(), SCORE: outputs.scores.tolist()}
    probabilities = [] if outputs.probabilities is None else list(outputs.probabilities.astype(np.float64).T)
    if model.manifest.task == "binary":
        probabilities = probabilities[1:]
    return dict(zip(added_columns(model), [outputs.labels.tolist(), *probabilities], strict=True))
