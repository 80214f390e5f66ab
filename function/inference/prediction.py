"""Predict the rows of a query, and find the rows that the model cannot process."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from function.errors import BadRow, UnsupportedValues
from function.inference.explanation import explain_rows
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs, joined

NOT_FINITE = "the prediction for this row is not a finite number"
UNSUPPORTED = "the model cannot process this row"


def predict(query: Query, model: LoadedModel) -> Outputs:
    """Predict every row of a query.

    Raises:
        BadRow: the model cannot process a row, or its prediction is not finite.
    """
    try:
        outputs = _predict(query, model)
    except UnsupportedValues as error:
        raise BadRow(_first_failing(query, model), UNSUPPORTED) from error
    check_finite(outputs)
    return outputs


def explain(query: Query, outputs: Outputs, model: LoadedModel) -> Outputs:
    """Add an explanation to the outputs of one or more rows.

    Raises:
        BadRow: an explanation has a number that is not finite.
    """
    explanation = explain_rows(model, query.columns, query.vectors, outputs)
    _check_finite(np.column_stack([explanation.baseline, *explanation.contributions.values()]))
    return replace(outputs, explanation=explanation)


def _predict(query: Query, model: LoadedModel) -> Outputs:
    """Run the engine, for many rows in batches, so that other threads can run in between."""
    size = model.engine.batch_rows
    if query.rows <= size or model.engine.blocking:
        return _run(query, model)
    return joined([_run_batch(query, start, size, model) for start in range(0, query.rows, size)])


def _run_batch(query: Query, start: int, size: int, model: LoadedModel) -> Outputs:
    os.sched_yield()  # The event loop may be waiting for the core, or for the interpreter lock.
    try:
        return _run(query.part(start, start + size), model)
    except BadRow as error:
        raise BadRow(start + error.row, str(error)) from error


def _run(query: Query, model: LoadedModel) -> Outputs:
    if query.columns is not None:
        return model.predict_columns(query.columns)
    return model.predict_vectors(query.vectors)


def _first_failing(query: Query, model: LoadedModel) -> int:
    """Find a row that fails, by bisection: scikit-learn's errors do not name the row."""
    start, stop = 0, query.rows
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            _predict(query.part(start, middle), model)
        except UnsupportedValues:
            stop = middle
        else:
            start = middle
    return start


def predict_valid(query: Query, model: LoadedModel) -> tuple[Query, Outputs]:
    """Predict the rows that the model can process; return a query of those rows, and their outputs."""
    parts = [(query.part(0, 0), predict(query.part(0, 0), model)), *_valid_parts(query, model)]
    kept = [row for part, _ in parts for row in part.kept or ()]
    outputs = joined([outputs for _, outputs in parts[1:] or parts])
    return query.keeping(kept), outputs


def _valid_parts(query: Query, model: LoadedModel) -> list[tuple[Query, Outputs]]:
    """Skip invalid rows by bisection."""
    try:
        outputs = _predict(query, model)
        check_finite(outputs)
    except (UnsupportedValues, BadRow):
        middle = query.rows // 2
        halves = (query.part(0, middle), query.part(middle, query.rows)) if middle else ()
        return [part for half in halves for part in _valid_parts(half, model)]
    return [(query, outputs)]


def check_finite(outputs: Outputs) -> None:
    """Check that predictions are finite, which those for extreme numbers may not be.

    Raises:
        BadRow: a prediction is not finite.
    """
    _check_finite(outputs.labels if outputs.probabilities is None else outputs.probabilities)


def _check_finite(numbers: npt.NDArray[Any]) -> None:
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        finite = np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1)
        raise BadRow(int(np.argmin(finite)), NOT_FINITE)
