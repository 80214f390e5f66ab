"""Tables of categorical columns, filled by scikit-learn itself: a row of numbers for each code of a column."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from function.model.plan.structs import Value
from model_training.bundling.exact.encoders.domains import unknown_values
from model_training.bundling.exact.refused import UNSUPPORTED_ERRORS, Refused

Numbers = npt.NDArray[np.float64]
TABLE_CELLS = 20_000_000
"""How many numbers the values of one column may become, with those of the columns beside it."""


class ColumnTable:
    """What one column adds to the output of some steps: which outputs, and their numbers for each code."""

    def __init__(self, outputs: npt.NDArray[np.intp], rows: Numbers, unsupported: tuple[int, ...]) -> None:
        """`rows` is [codes, outputs]; the codes that scikit-learn refuses are `unsupported`."""
        self.outputs = outputs
        self.rows = rows
        self.unsupported = unsupported


def fill_tables(
    steps: Sequence[Any], names: Sequence[str], values: Sequence[Sequence[Value]]
) -> list[ColumnTable] | None:
    """Ask steps for each value of each column, the other columns held; None where an output depends on two columns.

    Raises:
        Refused: the steps support no value of a column.
    """
    usual = [known[0] if known else np.nan for known in values]
    start = _ask(steps, names, usual, [usual])
    if start is None:
        raise Refused(f"{type(steps[0]).__name__} does not support the first value of each column")
    answers = [_column(steps, names, usual, place, known) for place, known in enumerate(values)]
    maker = np.full(start.shape[1], -1)
    for place, (rows, supported) in enumerate(answers):
        changes = (_bits(rows[supported]) != _bits(start)).any(axis=0)
        if (maker[changes] >= 0).any():
            return None
        maker[changes] = place
    # What never changes is the first column's.
    maker[maker < 0] = 0
    return [
        ColumnTable(np.flatnonzero(maker == place), rows[:, maker == place], tuple(np.flatnonzero(~supported).tolist()))
        for place, (rows, supported) in enumerate(answers)
    ]


def _bits(rows: Numbers) -> npt.NDArray[np.int64]:
    """Compare numbers by their bits, so that NaN equals itself."""
    return np.ascontiguousarray(rows).view(np.int64)


def _column(
    steps: Sequence[Any], names: Sequence[str], usual: Sequence[Any], place: int, known: Sequence[Value]
) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Ask for all codes of one column: the values, the missing one, the unknown one; rows refused are zeros."""

    def ask(values: Sequence[Any]) -> Numbers | None:
        return _ask(steps, names, usual, [[*usual[:place], value, *usual[place + 1 :]] for value in values])

    bulk = ask(known)
    rows = list(bulk) if bulk is not None else [_first(ask([value])) for value in known]
    rows.append(_first(ask([np.nan])))
    unknown = [_first(ask([value])) for value in unknown_values(known)]
    # Where the output depends on which unknown value it is, there is no code for it.
    same = unknown and all(row is not None and (_bits(row) == _bits(unknown[0])).all() for row in unknown)
    rows.append(unknown[0] if same else None)
    width = next((len(row) for row in rows if row is not None), 0)
    supported = np.array([row is not None for row in rows])
    return np.array([np.zeros(width) if row is None else row for row in rows]), supported


def _first(rows: Numbers | None) -> Any:
    return None if rows is None else rows[0]


def _ask(
    steps: Sequence[Any], names: Sequence[str], usual: Sequence[Any], rows: Sequence[Sequence[Any]]
) -> Numbers | None:
    """Run steps on a table of columns like those of a usual row; None where one of them refuses it."""
    columns = list(zip(*rows, strict=True))
    text = [
        any(isinstance(value, str | bool) for value in (*column, like))
        for column, like in zip(columns, usual, strict=True)
    ]
    x: Any = pd.concat([_series(list(column), text=mark) for column, mark in zip(columns, text, strict=True)], axis=1)
    x.columns = list(names)
    if not hasattr(steps[0], "feature_names_in_"):
        x = x.to_numpy()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for step in steps:
                x = step.transform(x)
    except UNSUPPORTED_ERRORS:
        return None
    if x.shape[0] * x.shape[1] > TABLE_CELLS:
        raise Refused(f"a table of {x.shape[0]} values and {x.shape[1]} columns")
    dense = x.toarray() if hasattr(x, "toarray") else x
    found = np.asarray(dense, dtype=np.float64)
    if np.isinf(found).any():
        raise Refused("a table with a number that is infinite")
    return found


def _series(values: list[Any], *, text: bool) -> Any:
    """Make a column as callers send it: of numbers where all are, of objects otherwise."""
    return pd.Series(values, dtype=object) if text else pd.Series(values)
