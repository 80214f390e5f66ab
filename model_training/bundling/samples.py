"""Read a sample as the model that is packed knows its values."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from function.errors import Refused
from function.model.engines.inputs import VECTORIZERS, first_part, inner_parts, input_of
from function.model.engines.sklearn import UNSUPPORTED_ERRORS
from function.model.faults import listed
from function.model.manifest import Origin
from model_training.bundling.features import known_categories
from model_training.bundling.unused import used_columns
from model_training.data.cells.reading import Cells, Reading, WantedKind
from model_training.data.cells.recorded import recorded
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.data.kinds import date_format
from model_training.data.parts import Parts, sha256_of
from model_training.data.tables import read_table

SHOWN = 8
TEXT: WantedKind = "text"


def read_sample(model: Any, path: Path | Parts, target: str | None, name: str, reading: Reading) -> Dataset:
    """Read the columns that a model uses, and the target if there is one.

    Args:
        model: the fitted model.
        path: the file.
        target: name of the target column.
        name: name of the data set.
        reading: how to read the cells; what the model knows as text is read as text.

    Raises:
        BadTable: the file can't be read, or lacks a column.
    """
    table = read_table(path, reading=reading)
    fitted = _as_fitted(model, list(map(str, table.frame.columns)), target, reading)
    if fitted.kinds != reading.kinds:
        table = read_table(path, reading=fitted)
    dropped = [column for column, kind in fitted.kinds.items() if kind == "drop"]
    if unknown := sorted(set(fitted.kinds) - set(table.frame)):
        raise BadTable(f"{path} has no column {', '.join(map(repr, unknown))}, which --kind names")
    rows = table.frame.drop(columns=dropped)
    if target is not None and target not in rows:
        raise BadTable(f"{path} has no column {target!r}; its columns are {', '.join(map(str, rows.columns))}")
    columns = _columns(model, [column for column in rows.columns if column != target], path)
    used = columns if target is None else [*columns, target]
    return Dataset(
        name,
        rows[columns],
        None if target is None else rows[target],
        Origin(path.name, sha256_of(path), len(rows)),
        dates={column: date_format(rows[column]) for column in columns if rows[column].dtype.kind == "M"},
        reading=recorded(fitted, table.columns, columns),
        remarks=(*table.remarks, *[remark for column in used for remark in _remarks(column, table.columns[column])]),
    )


def _as_fitted(model: Any, names: Sequence[str], target: str | None, reading: Reading) -> Reading:
    """Read columns as text if a model knows their values, or its classes, as text: the digits of a code, for example.

    Kinds that are given stay.
    """
    columns = [str(name) for name in getattr(model, "feature_names_in_", [name for name in names if name != target])]
    known = _known(model, columns)
    if target is not None and isinstance(getattr(model, "classes_", None), np.ndarray):
        known[target] = model.classes_.tolist()
    texts = {name: TEXT for name, values in known.items() if name in names and _are_texts(values)}
    return replace(reading, kinds={**texts, **reading.kinds})


def _remarks(column: str, cells: Cells) -> Iterator[str]:
    if cells.format:
        yield f"{column!r} is read as numbers: {cells.format}"
    for remark in cells.remarks:
        yield f"{column!r}: {remark}"


def _columns(model: Any, available: list[str], path: Path | Parts) -> list[str]:
    """Return the columns that the model uses; a model without feature names needs all of them."""
    if isinstance(first_part(model), VECTORIZERS) and len(available) != 1:
        raise BadTable(
            f"the model reads one column of text, and {path} has {', '.join(available)}: drop the others, such as "
            f"--kind {available[-1]}=drop"
        )
    used = used_columns(getattr(model, "best_estimator_", model))
    wanted = [str(column) for column in getattr(model, "feature_names_in_", available)] if used is None else used
    if missing := [column for column in wanted if column not in available]:
        raise BadTable(f"{path} lacks the model's columns {', '.join(missing)}; its columns are {', '.join(available)}")
    width = getattr(model, "n_features_in_", len(wanted))
    if used is None and len(wanted) != width:
        raise BadTable(f"{path} has {len(wanted)} columns, but the model has {width}: is --target missing?")
    return wanted


def _known(model: Any, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Return the categories that a model knows by column, those of its parts too, such as a calibrated pipeline."""
    known = known_categories(model, columns)
    for part in inner_parts(model) if not known else ():
        known = known or _known(part, columns)
    return known


def _are_texts(values: Sequence[Any]) -> bool:
    present = [value for value in values if value is not None and value == value]  # noqa: PLR0124 (NaN)
    return bool(present) and all(isinstance(value, str) for value in present)


def predictable(model: Any, sample: Dataset) -> tuple[Dataset, tuple[str, ...]]:
    """Return the rows that a model can predict, and which values of which columns it does not know in the others.

    Raises:
        ValueError, TypeError, AttributeError: the model can't predict the rows whose values it knows.
        Refused: there are none.
    """
    try:
        model.predict(input_of(model, sample.X))
    except UNSUPPORTED_ERRORS:
        known = _known(model, list(sample.X.columns))
    else:
        return sample, ()
    unknown = {name: ~(sample.X[name].isin(values) | sample.X[name].isna()) for name, values in known.items()}
    reasons = tuple(
        left_out(name, sample.X[name][rows].unique().tolist(), int(rows.sum()), quoted(known[name]))
        for name, rows in unknown.items()
        if rows.any()
    )
    kept = sample.rows(sample.X.index[~pd.DataFrame(unknown, index=sample.X.index).any(axis=1)])
    if not len(kept.X):
        raise Refused(f"no row of the sample has only values that the model knows: {'; '.join(reasons)}")
    model.predict(input_of(model, kept.X))
    return kept, reasons


def left_out(name: str, values: Sequence[Any], rows: int, allowed: str) -> str:
    """Return why rows are left out: the values of a column in these rows, and those that are allowed."""
    return f"{name!r} has {quoted(values)} in {rows:,} rows, and allows {allowed}"


def quoted(values: Sequence[Any]) -> str:
    """List a few values as Python writes them, and how many more there are."""
    return listed([repr(value) for value in values], SHOWN)


def with_target(model: Any, sample: Dataset) -> Dataset:
    """Return the rows of a sample that have a target, which a model can be evaluated on.

    Raises:
        BadTable: there are none, or a classifier predicts none of the target's values.
    """
    known = sample.rows(sample.X.index[sample.target.notna()])
    classes, values = getattr(model, "classes_", None), known.target.unique().tolist()
    if not values:
        raise BadTable(f"the target {sample.target.name!r} has no values")
    if classes is not None and not set(values) & set(classes.tolist()):
        raise BadTable(
            f"the target {sample.target.name!r} has the values {quoted(values)}, and the model predicts "
            f"{quoted(classes.tolist())}: encode the target as it was for fitting, or omit --target"
        )
    return known
