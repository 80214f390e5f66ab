"""Write taxiway.toml, which says what a repository predicts."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from model_training.commands.support.column_table import show_columns
from model_training.commands.support.config import DEFAULT
from model_training.commands.support.config_text import config_text
from model_training.commands.support.console import fail, reading, say, step, write
from model_training.commands.support.options import (
    NO_VALUES,
    Categorical,
    Dates,
    Decimal,
    Default,
    Describe,
    Features,
    FirstOfDate,
    Kind,
    Missing,
    Name,
    TaskType,
    Title,
    Unit,
    Unknown,
    UnknownFieldsOption,
    bucket_uri,
    policies_of,
)
from model_training.commands.support.sources import TableOptions, UseOfDates, names_in, presentation_of, table
from model_training.fitting.estimators import EstimatorName


def init(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Option(
            metavar="PATH", help='CSV or Parquet file to train on, files such as "orders-*.csv", or gs://BUCKET/OBJECT.'
        ),
    ],
    target: Annotated[str, typer.Option(help="Column to predict.")],
    features: Features = None,
    categorical: Categorical = None,
    kind: Kind = NO_VALUES,
    missing: Missing = None,
    decimal: Decimal = None,
    dates: Dates = UseOfDates.PARTS,
    date_order: FirstOfDate = None,
    task: TaskType = None,
    estimator: Annotated[
        EstimatorName | None, typer.Option(help="Estimator to fit; the linear one of the task if omitted.")
    ] = None,
    name: Name = None,
    title: Title = None,
    describe: Describe = NO_VALUES,
    unit: Unit = None,
    unknown: Unknown = NO_VALUES,
    unknown_fields: UnknownFieldsOption = "refuse",
    default: Default = NO_VALUES,
    to: Annotated[
        str | None,
        typer.Option(
            callback=lambda value: value and bucket_uri(value),
            metavar="URI",
            help="Where `publish` publishes: gs://BUCKET/OBJECT.",
        ),
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Show how the columns of your table are used, and write taxiway.toml with that.

    The file says what this repository predicts: `taxiway train`, `make serve` and the workflows follow it. Edit it to
    correct what was inferred. An option on the command line wins over the file.
    """
    from model_training.data.errors import BadTable

    path = (context.parent and context.parent.params.get("config")) or DEFAULT
    if path.exists() and not force:
        fail(f"{path} exists: use --force to replace it.")
    options = TableOptions(target, features, categorical, task, kind, missing, decimal, dates, date_order)
    presentation, policies = presentation_of(name, title, describe, unit), policies_of(unknown, unknown_fields, default)
    source = table(data, target, options)
    try:
        with step("Loading pandas"):
            from model_training.data.presentation import present
            from model_training.data.targets import check_rows, classes_of
        with reading(f"Reading {source.description}") as watch:
            dataset = source.read(watch)
        check_rows(dataset.target, dataset.task)
        present(dataset, presentation, classes_of(dataset))
    except BadTable as error:
        fail(str(error))
    show_columns(dataset)
    used = {dataset.target.name, *dataset.X.columns}
    given: dict[str, Any] = {
        "missing": names_in(missing),
        "decimal": decimal,
        "dates": None if dates == UseOfDates.PARTS else dates,
        "date_order": date_order,
        "estimator": estimator,
        "name": name,
        "title": title,
        "describe": presentation.descriptions,
        "unit": unit,
        "unknown": _unknown(policies.unknown),
        "unknown_fields": None if unknown_fields == "refuse" else unknown_fields,
        "default": policies.defaults,
        "to": to,
    }
    values = {"data": _relative(data, path)} | {name: value for name, value in given.items() if value}
    # A kind of a column that is left out all the same would name no feature.
    kinds = {name: kind for name, kind in options.reading().kinds.items() if kind == "drop" or name in used}
    write(path, config_text(values, kinds, dataset).encode())
    say(f"Wrote {path}. Correct it if needed; `make serve` trains this model and serves it.")


def _unknown(policies: Mapping[str, str]) -> str | Mapping[str, str]:
    """Return the policy for all features as text, or those of single features by name."""
    return policies[""] if set(policies) == {""} else policies


def _relative(data: str, path: Path) -> str:
    """Return the address of the data as the file gives it: a path is relative to the file."""
    if data.startswith("gs://") or os.path.isabs(data):  # noqa: PTH117 (it may be a pattern)
        return data
    return os.path.relpath(data, path.parent)
