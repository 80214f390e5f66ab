"""Choose the data set to train on from the options of a command."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from function.model.manifest import Task
from model_training.fitting.estimators import EstimatorName

if TYPE_CHECKING:
    from model_training.data.dataset import Dataset
    from model_training.data.tables import Watch


class DatasetName(StrEnum):
    """Values of `--dataset`."""

    FLIGHTS = "flights"
    SCL = "scl"


class Preset(StrEnum):
    """Values of `--preset`."""

    DEFAULT = "default"
    FULL = "full"


@dataclass(frozen=True)
class Source:
    """A data set that has not been read yet."""

    description: str
    read: Callable[["Watch"], "Dataset"]
    """Reads the data set; raises BadTable."""
    estimator: EstimatorName | None = None
    """The default estimator of this data set; None is the default of its task."""


def flights(preset: Preset = Preset.DEFAULT) -> Source:
    """Return the source of the flights of 2013; the full preset defaults to boosting."""

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.flights import COLUMNS, FULL_COLUMNS, read_flights

        return read_flights(FULL_COLUMNS if preset == Preset.FULL else COLUMNS)

    boosting = EstimatorName.HIST_GRADIENT_BOOSTING if preset == Preset.FULL else None
    return Source("the flights of 2013", read, boosting)


def scl(path: Path) -> Source:
    """Return the source of Santiago's flights in a file."""

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.scl import read_scl

        return read_scl(path, watch)

    return Source(str(path), read)


def table(path: Path, target: str, features: str | None, categorical: str | None, task: Task | None) -> Source:
    """Return the source of a custom table; `features` and `categorical` are names separated by commas."""

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.custom_table import read_custom_table

        chosen = None if features is None else _names(features)
        return read_custom_table(path, target, chosen, _names(categorical or ""), task, watch)

    return Source(str(path), read)


def choose_source(
    dataset: DatasetName | None,
    data: Path | None,
    target: str | None,
    features: str | None,
    categorical: str | None,
    task: Task | None,
    preset: Preset,
) -> Source:
    """Return the source that the options of a command describe.

    Raises:
        typer.BadParameter: the options can't be combined.
    """
    table_options = {"--target": target, "--features": features, "--categorical": categorical, "--task": task}
    given = ", ".join(option for option, value in table_options.items() if value is not None)
    if preset != Preset.DEFAULT and (data is not None or dataset == DatasetName.SCL):
        raise typer.BadParameter("--preset can't be used with --data or --dataset scl: it is for the New York flights")
    if data is not None and dataset is None:
        if target is None:
            raise typer.BadParameter("--data needs --target, the column to predict (or --dataset scl)")
        return table(data, target, features, categorical, task)
    if given:
        raise typer.BadParameter(f"{given} can only be used with --data, and without --dataset")
    if dataset == DatasetName.SCL:
        if data is None:
            raise typer.BadParameter("--dataset scl needs --data, the CSV file of Santiago's flights")
        return scl(data)
    if data is not None:
        raise typer.BadParameter("--dataset flights can't be used with --data: omit one of them")
    return flights(preset)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
