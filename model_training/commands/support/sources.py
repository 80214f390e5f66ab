"""Choose the data set to train on from the options of a command."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from function.model.manifest import Task
from model_training.commands.support.data_files import find_files
from model_training.fitting.estimators import EstimatorName

if TYPE_CHECKING:
    from model_training.data.cells.reading import Reading
    from model_training.data.dataset import Dataset
    from model_training.data.presentation import Presentation
    from model_training.data.tables import Watch


class DatasetName(StrEnum):
    """Values of `--dataset`."""

    FLIGHTS = "flights"
    SCL = "scl"


class Preset(StrEnum):
    """Values of `--preset`."""

    DEFAULT = "default"
    FULL = "full"


class UseOfDates(StrEnum):
    """Values of `--dates`."""

    PARTS = "parts"
    DROP = "drop"


class DateOrder(StrEnum):
    """Values of `--date-order`."""

    DAY = "day"
    MONTH = "month"


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
        from model_training.data.known.flights import COLUMNS, FULL_COLUMNS, read_flights

        return read_flights(FULL_COLUMNS if preset == Preset.FULL else COLUMNS)

    boosting = EstimatorName.HIST_GRADIENT_BOOSTING if preset == Preset.FULL else None
    return Source("the flights of 2013", read, boosting)


def scl(data: str) -> Source:
    """Return the source of Santiago's flights in the files at an address."""
    files = find_files(data)

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.known.scl import read_scl

        return read_scl(files, watch)

    return Source(data, read)


@dataclass(frozen=True)
class TableOptions:
    """The options of a command that describe your own table."""

    target: str | None = None
    features: str | None = None
    """Names separated by commas."""
    categorical: str | None = None
    """Names separated by commas."""
    task: Task | None = None
    kind: Sequence[str] = ()
    """Values such as `postcode=text`."""
    missing: str | None = None
    """Words separated by commas."""
    decimal: str | None = None
    dates: UseOfDates = UseOfDates.PARTS
    date_order: DateOrder | None = None

    @property
    def named(self) -> dict[str, list[str]]:
        """The values of each option, by its name; without those that are not given."""
        given: dict[str, Sequence[str | None]] = {
            "--target": [self.target],
            "--features": [self.features],
            "--categorical": [self.categorical],
            "--kind": self.kind,
            "--missing": [self.missing],
            "--decimal": [self.decimal],
            "--dates": [None if self.dates == UseOfDates.PARTS else self.dates],
            "--date-order": [self.date_order],
            "--task": [self.task],
        }
        values = {name: [value for value in each if value is not None] for name, each in given.items()}
        return {name: each for name, each in values.items() if each}

    def reading(self) -> "Reading":
        """Return how to read the cells."""
        kinds = [*(f"{name}=category" for name in names_in(self.categorical)), *self.kind]
        return reading_of(self.missing, kinds, self.decimal, self.dates, self.date_order)


def reading_of(
    missing: str | None,
    kinds: Sequence[str] = (),
    decimal: str | None = None,
    dates: UseOfDates | None = None,
    date_order: DateOrder | None = None,
) -> "Reading":
    """Return how to read the cells of a table, from the values of the options; without `dates`, text is no date."""
    from model_training.data.cells.reading import Reading

    named: Any = dict(each.rpartition("=")[::2] for each in kinds)
    mark: Any = decimal
    use: Any = dates and dates.value
    first: Any = date_order and date_order.value
    return Reading(frozenset(names_in(missing)), named, mark, use, first)


def presentation_of(
    name: str | None, title: str | None, descriptions: Sequence[str], unit: str | None
) -> "Presentation":
    """Return how the model is presented to people, from the values of the options."""
    from model_training.data.presentation import Presentation

    return Presentation(
        name or "", title or "", {each.partition("=")[0]: each.partition("=")[2] for each in descriptions}, unit or ""
    )


def table(data: str, target: str, options: TableOptions) -> Source:
    """Return the source of a custom table in the files at an address."""
    files = find_files(data)

    def read(watch: "Watch") -> "Dataset":
        from model_training.data.custom_table import read_custom_table

        chosen = None if options.features is None else names_in(options.features)
        return read_custom_table(files, target, chosen, options.task, watch, options.reading())

    return Source(data, read)


def choose_source(dataset: DatasetName | None, data: str | None, options: TableOptions, preset: Preset) -> Source:
    """Return the source that the options of a command describe.

    Raises:
        typer.BadParameter: the options can't be combined.
    """
    if preset != Preset.DEFAULT and (data is not None or dataset == DatasetName.SCL):
        raise typer.BadParameter("--preset can't be used with --data or --dataset scl: it is for the New York flights")
    if data is not None and dataset is None:
        if options.target is None:
            raise typer.BadParameter("--data needs --target, the column to predict (or --dataset scl)")
        return table(data, options.target, options)
    if options.named:
        raise typer.BadParameter(f"{', '.join(options.named)} can only be used with --data, and without --dataset")
    if dataset == DatasetName.SCL:
        if data is None:
            raise typer.BadParameter("--dataset scl needs --data, the CSV file of Santiago's flights")
        return scl(data)
    if data is not None:
        raise typer.BadParameter("--dataset flights can't be used with --data: omit one of them")
    return flights(preset)


def arguments_of(dataset: DatasetName | None, data: str | None, options: TableOptions, preset: Preset) -> list[str]:
    """Return the arguments that describe the same source to another command."""
    chosen = {"--dataset": dataset, "--data": data, "--preset": None if preset == Preset.DEFAULT else preset}
    named = {name: [str(value)] for name, value in chosen.items() if value is not None} | options.named
    return [argument for name, values in named.items() for value in values for argument in (name, value)]


def names_in(text: str | None) -> list[str]:
    """Split names at commas; a name that contains one is in quotes."""
    names = next(csv.reader([text or ""], skipinitialspace=True), [])
    return [name.strip() for name in names if name.strip()]
