"""A table that somebody brought, as a dataset."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from function.model.manifest import Origin, Task
from model_training.data.columns import take_columns
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.data.kinds import Column
from model_training.data.tables import Watch, read_table, sha256_of
from model_training.data.targets import read_target

LONGEST_NAME = 128


def read_brought(
    path: Path,
    target: str,
    features: Sequence[str] | None = None,
    categorical: Collection[str] = (),
    task: Task | None = None,
    watch: Watch = lambda file: file,
) -> Dataset:
    """Read a table with a column to predict.

    Args:
        path: of a CSV or Parquet file.
        target: the column to predict.
        features: the columns to predict it from, in the order of the manifest; None takes all others.
        categorical: those that are categories although they hold whole numbers.
        task: what the target makes, unless it is to be told from its values.
        watch: sees how much has been read.

    Raises:
        BadTable: saying why nothing can be learnt from it.
    """
    table, remarks = read_table(path, watch)
    names = features if features is not None else [name for name in table.columns if name != target]
    _check_names(path, table, target, names, categorical)
    known = _known(table[target])
    if not known.any():
        raise BadTable(f"{target!r} has no value at all: there is nothing to be learnt")
    if lost := int((~known).sum()):
        remarks = (*remarks, f"{lost:,} rows without {target!r} are left out")
        table = table[known].reset_index(drop=True)
    y, task = read_target(table[target], task)
    columns = take_columns(table[list(names)], categorical)
    used = {column.name: column for column in columns if column.used}
    if not used:
        reasons = "; ".join(f"{column.name!r}: {column.remark}" for column in columns[:5])
        raise BadTable(f"{path} has no column to predict {target!r} from{f' ({reasons})' if reasons else ''}")
    return Dataset(
        name=path.name.partition(".")[0][:LONGEST_NAME] or "model",
        X=pd.DataFrame({name: column.series for name, column in used.items()}),
        y=y,
        origin=Origin(path.name, sha256_of(path), len(table)),
        categories={name: column.categories for name, column in used.items() if column.categories},
        task=task,
        lacking=frozenset(name for name, column in used.items() if column.missing),
        columns=columns,
        remarks=(*remarks, *[_remark(column) for column in columns if column.remark]),
    )


def _check_names(
    path: Path, table: pd.DataFrame, target: str, features: Sequence[str], categorical: Collection[str]
) -> None:
    wrong = sorted({name for name in (target, *features, *categorical) if name not in table.columns})
    if wrong:
        there = ", ".join(map(str, table.columns[:50])) + (", ..." if len(table.columns) > 50 else "")  # noqa: PLR2004
        raise BadTable(f"{path} has no column {', '.join(map(repr, wrong))}; it has {there}")
    if target in features:
        raise BadTable(f"{target!r} is what is to be predicted: it can't be a feature too")
    if len(set(features)) < len(features):
        raise BadTable("a feature is named twice")
    if stray := sorted(set(categorical) - set(features)):
        raise BadTable(f"{', '.join(map(repr, stray))} can't be categorical: no feature is called that")


def _known(target: pd.Series) -> pd.Series:
    """Tell which rows have a target: neither missing nor infinite."""
    return target.notna() & ~target.isin([float("inf"), float("-inf")])


def _remark(column: Column) -> str:
    return f"{column.name!r}{'' if column.used else ' is left out'}: {column.remark}"
