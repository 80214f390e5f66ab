"""Where a training's data comes from: what the words of the command make of each other."""

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
    """What may stand behind `--dataset`."""

    FLIGHTS = "flights"
    SCL = "scl"


class Preset(StrEnum):
    """What may stand behind `--preset`."""

    DEFAULT = "default"
    FULL = "full"


@dataclass(frozen=True)
class Source:
    """A dataset that is still to be read."""

    about: str
    read: Callable[["Watch"], "Dataset"]
    """Raises BadTable."""
    estimator: EstimatorName | None = None
    """What fits it, unless told otherwise; None is the usual of its task."""


def flights(preset: Preset = Preset.DEFAULT) -> Source:
    """Return the flights of 2013; boosted trees make the most of their richer columns."""

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.flights import COLUMNS, FULL_COLUMNS, read_flights

        return read_flights(FULL_COLUMNS if preset == Preset.FULL else COLUMNS)

    boosting = EstimatorName.HIST_GRADIENT_BOOSTING if preset == Preset.FULL else None
    return Source("the flights of 2013", read, boosting)


def scl(path: Path) -> Source:
    """Return the flights of Santiago in a file."""

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.scl import read_scl

        return read_scl(path, watch)

    return Source(str(path), read)


def table(path: Path, target: str, features: str | None, categorical: str | None, task: Task | None) -> Source:
    """Return a table that somebody brought; columns are named with commas between them."""

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.custom_table import read_brought

        chosen = None if features is None else _names(features)
        return read_brought(path, target, chosen, _names(categorical or ""), task, watch)

    return Source(str(path), read)


def choose(
    dataset: DatasetName | None,
    data: Path | None,
    target: str | None,
    features: str | None,
    categorical: str | None,
    task: Task | None,
    preset: Preset,
) -> Source:
    """Choose a source.

    Raises:
        typer.BadParameter: the words don't go together.
    """
    of_a_table = {"--target": target, "--features": features, "--categorical": categorical, "--task": task}
    given = ", ".join(word for word, value in of_a_table.items() if value is not None)
    if preset != Preset.DEFAULT and (data is not None or dataset == DatasetName.SCL):
        raise typer.BadParameter("--preset goes with the flights of New York, without --data")
    if data is not None and dataset is None:
        if target is None:
            raise typer.BadParameter("--data needs --target, the column to predict, or --dataset scl")
        return table(data, target, features, categorical, task)
    if given:
        raise typer.BadParameter(f"{given}: only with --data, and without --dataset")
    if dataset == DatasetName.SCL:
        if data is None:
            raise typer.BadParameter("--dataset scl needs --data, the CSV file")
        return scl(data)
    if data is not None:
        raise typer.BadParameter("--dataset flights reads no --data: leave one of them out")
    return flights(preset)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
