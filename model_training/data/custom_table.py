"""Read your own table, from CSV or Parquet files, as a data set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from function.model.manifest import MAX_NAME_LENGTH, Origin, Task
from model_training.data.cells.reading import Cells, Reading, WantedKind
from model_training.data.cells.recorded import recorded
from model_training.data.columns import prepare_columns
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.data.kinds import Column
from model_training.data.parts import Parts, sha256_of
from model_training.data.tables import AS_USUAL, Watch, read_table
from model_training.data.targets import read_target


def read_custom_table(
    path: Path | Parts,
    target: str,
    features: Sequence[str] | None = None,
    task: Task | None = None,
    watch: Watch = lambda file: file,
    reading: Reading = AS_USUAL,
) -> Dataset:
    """Read a table that has a target column and feature columns.

    Args:
        path: path of a CSV or Parquet file, or of several.
        target: name of the column to predict.
        features: names of the feature columns, in the order of the manifest; None uses all other columns.
        task: task type; inferred from the target if None.
        watch: wraps the open file to report how much of it has been read.
        reading: the words that mean a missing value, and the kinds of some columns.

    Raises:
        BadTable: no model can be trained on this table.
    """
    table = read_table(path, watch, reading)
    names = features if features is not None else [name for name in table.columns if name != target]
    _check_names(path, table.frame, target, names, reading.kinds)
    known = _known(table.frame[target])
    if not known.any():
        raise BadTable(f"{path}: all values of the target {target!r} are missing; name another one with --target")
    remarks = [*table.remarks, *_target_remarks(target, table.columns[target])]
    if lost := int((~known).sum()):
        remarks.append(f"{lost:,} rows in which {target!r} is missing or infinite are left out")
        table = replace(table, frame=table.frame[known].reset_index(drop=True))
    try:
        y, task = read_target(table.frame[target], task)
    except BadTable as error:  # How its cells were read may be the reason.
        raise BadTable("; ".join([str(error), *table.columns[target].remarks])) from None
    columns = prepare_columns(table, names, y, reading.kinds, drop_dates=reading.dates == "drop")
    used = {column.name: column for column in columns if column.used}
    if not used:
        reasons = "; ".join(f"{column.name!r}: {column.remark}" for column in columns[:5])
        raise BadTable(f"{path} has no usable feature to predict {target!r} from{f' ({reasons})' if reasons else ''}")
    return Dataset(
        name=path.name.partition(".")[0][:MAX_NAME_LENGTH] or "model",
        X=pd.DataFrame({name: column.series for name, column in used.items()}),
        y=y,
        origin=Origin(path.name, sha256_of(path), len(y)),
        categories={name: column.categories for name, column in used.items() if column.categories},
        dates={name: column.date_format for name, column in used.items() if column.kind == "date"},
        task=task,
        lacking=frozenset(name for name, column in used.items() if column.missing),
        columns=columns,
        reading=recorded(reading, table.columns, used),
        remarks=(*remarks, *[_remark(column) for column in columns if column.remark]),
    )


def _target_remarks(target: str, cells: Cells) -> Iterator[str]:
    if cells.format and cells.series.dtype.kind in "iuf":
        yield f"the target {target!r} is read as numbers: {cells.format}"
    for remark in cells.remarks:
        yield f"the target {target!r}: {remark}"


def _check_names(
    path: Path | Parts, table: pd.DataFrame, target: str, features: Sequence[str], kinds: Mapping[str, WantedKind]
) -> None:
    unknown = sorted({name for name in (target, *features, *kinds) if name not in table.columns})
    if unknown:
        known = ", ".join(map(str, table.columns[:50])) + (", ..." if len(table.columns) > 50 else "")  # noqa: PLR2004
        raise BadTable(f"{path} has no column {', '.join(map(repr, unknown))}; its columns are {known}")
    if kinds.get(target) == "drop":
        raise BadTable(f"{target!r} is the target and can't be dropped: remove it from --kind")
    if target in features:
        raise BadTable(f"{target!r} is the target and can't also be a feature: remove it from --features")
    if len(set(features)) < len(features):
        twice = sorted({name for name in features if list(features).count(name) > 1})
        raise BadTable(f"--features has duplicate names ({', '.join(map(repr, twice))}): name each column once")
    kept = {name for name, kind in kinds.items() if kind != "drop"}
    if stray := sorted(kept - {*features, target}):
        raise BadTable(
            f"--kind or --categorical names {', '.join(map(repr, stray))}, which is not a feature: add it or remove it"
        )


def _known(target: pd.Series) -> pd.Series:
    """Return a mask of the rows whose target is neither missing nor infinite."""
    return target.notna() & ~target.isin([float("inf"), float("-inf")])


def _remark(column: Column) -> str:
    return f"{column.name!r}{'' if column.used else ' is left out'}: {column.remark}"
