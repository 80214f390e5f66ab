"""Predict the rows of a query, and find the rows that the model cannot process."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from function.errors import BadRow, UnsupportedValues
from function.inference.explanation import explain_rows
from function.inference.query import Query
from function.inference.stop import NEVER, Stop
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs, joined

NOT_FINITE = "the prediction for this row is not a finite number"
UNSUPPORTED = "the model cannot process this row"


def predict(query: Query, model: LoadedModel, stop: Stop = NEVER) -> Outputs:
    """Predict every row of a query.

    Raises:
        BadRow: the model cannot process a row, or its prediction is not finite.
        Stopped: `stop` was set.
    """
    outputs = _predict(query.with_columns(model.schema), model, stop)
    check_finite(outputs)
    return outputs


def explain(query: Query, outputs: Outputs, model: LoadedModel, stop: Stop = NEVER) -> Outputs:
    """Add an explanation to the outputs of one or more rows.

    Raises:
        BadRow: an explanation has a number that is not finite.
        Stopped: `stop` was set.
    """
    query = query.with_columns(model.schema)
    explanation = explain_rows(model, query.columns, query.vectors, outputs, stop)
    _check_finite(np.column_stack([explanation.baseline, *explanation.contributions.values()]))
    return replace(outputs, explanation=explanation)


def _predict(query: Query, model: LoadedModel, stop: Stop) -> Outputs:
    """Run the engine, for many rows in batches, so that other threads can run in between."""
    if query.rows <= model.engine.batch_rows:
        return _run(query, model, stop)
    parts, start = [], 0
    while start < query.rows:
        size = model.engine.batch_rows
        parts.append(_run_batch(query, start, size, model, stop))
        start += size
    return joined(parts)


def _run_batch(query: Query, start: int, size: int, model: LoadedModel, stop: Stop) -> Outputs:
    os.sched_yield()  # The event loop may be waiting for the core, or for the interpreter lock.
    try:
        return _run(query.part(start, start + size), model, stop)
    except BadRow as error:
        raise BadRow(start + error.row, str(error)) from error


def _run(query: Query, model: LoadedModel, stop: Stop) -> Outputs:
    try:
        return _run_engine(query, model, stop)
    except UnsupportedValues as error:
        raise BadRow(_first_failing(query, model, stop), UNSUPPORTED) from error


def _run_engine(query: Query, model: LoadedModel, stop: Stop) -> Outputs:
    stop.check()
    if query.columns is not None:
        return model.predict_columns(query.columns)
    return model.predict_vectors(query.vectors)


def _first_failing(query: Query, model: LoadedModel, stop: Stop) -> int:
    """Find a row that fails, by bisection: scikit-learn's errors do not name the row."""
    start, stop_row = 0, query.rows
    while stop_row - start > 1:
        middle = (start + stop_row) // 2
        try:
            _run_engine(query.part(start, middle), model, stop)
        except UnsupportedValues:
            stop_row = middle
        else:
            start = middle
    return start


def predict_valid(query: Query, model: LoadedModel, stop: Stop = NEVER) -> tuple[Query, Outputs]:
    """Predict the rows that the model can process; return a query of those rows, and their outputs.

    Rows that are equal are tried once.

    Raises:
        Stopped: `stop` was set.
    """
    query = query.with_columns(model.schema)
    positions: dict[Any, list[int]] = {}
    for position, row in enumerate(_hashable_rows(query)):
        positions.setdefault(row, []).append(position)
    distinct = query.select([equal[0] for equal in positions.values()])
    supported = zip(_supported(distinct, model, stop), positions.values(), strict=True)
    kept, outputs = _valid_part(
        query.select(sorted(row for is_supported, equal in supported if is_supported for row in equal)), model, stop
    )
    return query.keeping(kept), outputs


def _hashable_rows(query: Query) -> Iterable[Any]:
    """Return the rows with the types of their values, because 1 equals True."""
    rows = query.vectors if query.columns is None else zip(*(column.tolist() for column in query.columns), strict=True)
    return ((*row, *map(type, row)) for row in rows)


def _supported(query: Query, model: LoadedModel, stop: Stop) -> list[bool]:
    """Find the rows that the engine can process, by bisection."""
    if not query.rows:
        return []
    try:
        _run_engine(query, model, stop)
    except (UnsupportedValues, BadRow):
        if query.rows == 1:
            return [False]
        middle = query.rows // 2
        halves = query.part(0, middle), query.part(middle, query.rows)
        return [row for half in halves for row in _supported(half, model, stop)]
    return [True] * query.rows


def _valid_part(query: Query, model: LoadedModel, stop: Stop) -> tuple[Sequence[int], Outputs]:
    """Predict rows that the engine can process; leave out those whose prediction is not finite."""
    size = model.engine.batch_rows
    outputs = joined([_run_engine(query.part(at, at + size), model, stop) for at in range(0, max(query.rows, 1), size)])
    valid = np.all([_finite_rows(numbers) for numbers in _numbers(outputs)], axis=0)
    kept = query.kept or ()
    if valid.all():
        return kept, outputs
    return [row for row, is_valid in zip(kept, valid, strict=True) if is_valid], outputs.of(valid)


def check_finite(outputs: Outputs) -> None:
    """Check that predictions are finite, which those for extreme numbers may not be.

    Raises:
        BadRow: a prediction is not finite.
    """
    for numbers in _numbers(outputs):
        _check_finite(numbers)


def _numbers(outputs: Outputs) -> list[npt.NDArray[Any]]:
    """Return the arrays whose numbers have to be finite."""
    shares = outputs.shares
    numbers: list[npt.NDArray[Any]] = [outputs.labels if shares is None or callable(shares) else shares]
    return numbers if outputs.scores is None else [*numbers, outputs.scores]


def _check_finite(numbers: npt.NDArray[Any]) -> None:
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        raise BadRow(int(np.argmin(_finite_rows(numbers))), NOT_FINITE)


def _finite_rows(numbers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return for each row whether all of its numbers are finite; text is."""
    if numbers.dtype.kind != "f":
        return np.ones(len(numbers), dtype=bool)
    finite: npt.NDArray[np.bool_] = np.isfinite(numbers).all(axis=tuple(range(1, numbers.ndim)))
    return finite
