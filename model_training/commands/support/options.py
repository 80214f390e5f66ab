"""Define the options that several commands share, and validate their values."""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from function.live.source import split_bucket_uri
from function.model.manifest import MAX_NAME_LENGTH, Task, UnknownFields
from model_training.commands.support.config import another_model
from model_training.commands.support.sources import DatasetName, DateOrder, Preset, UseOfDates
from model_training.fitting.thresholds import Threshold, parse_threshold

if TYPE_CHECKING:
    from model_training.data.policies import Policies


def bucket_uri(value: str) -> str:
    """Validate an option that must be `gs://BUCKET/OBJECT`."""
    try:
        split_bucket_uri(value)
    except ValueError:
        raise typer.BadParameter("must be gs://BUCKET/OBJECT") from None
    return value


def model_uri(value: str) -> str:
    """Validate an option that may be a path or `gs://BUCKET/OBJECT`."""
    return bucket_uri(value) if value.startswith("gs://") else value


def name_in(uri: str) -> str:
    """Return the name of a model from its address, for a file that has no name of its own."""
    return uri.rpartition("/")[2].partition(".")[0]


def threshold_rule(value: str | Threshold) -> Threshold:
    """Parse a number or a rule; the default is parsed already."""
    try:
        return value if isinstance(value, Threshold) else parse_threshold(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def hyper_parameters(value: Any) -> Any:
    """Parse the path of a file of `tune`, or hyper-parameters by name."""
    from model_training.fitting.hyper_parameters import parse_params

    try:
        return parse_params(value) if isinstance(value, str) else value
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def endpoint(value: str | None) -> str | None:
    """Validate an option that must be an HTTP address, and remove a slash at its end."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        whole = False
    if not whole:
        raise typer.BadParameter("must be the function's address, such as https://HOST")
    return value.rstrip("/")


def number_of_cores(value: int) -> int:
    """Validate a number of cores; -1 means all."""
    if value < 1 and value != -1:
        raise typer.BadParameter("must be a number of cores, or -1 for all")
    return value


def model_name(value: str | None) -> str | None:
    """Validate the name of a model."""
    if value is not None and not 0 < len(value) <= MAX_NAME_LENGTH:
        raise typer.BadParameter(f"must have 1 to {MAX_NAME_LENGTH} characters")
    return value


def described(values: list[str]) -> list[str]:
    """Validate options that must be `NAME=TEXT`."""
    for value in values:
        name, _, text = value.partition("=")
        if not name or not text.strip():
            raise typer.BadParameter(f'{value!r} must be NAME=TEXT, such as late="more than 15 minutes late"')
    return values


NO_VALUES: list[str] = []
"""The default of the options that can be repeated."""
KINDS = ("number", "category", "text", "boolean", "date", "drop")


def kinds_of_columns(values: list[str]) -> list[str]:
    """Validate options that must be `COLUMN=KIND`."""
    for value in values:
        name, _, kind = value.rpartition("=")
        if not name or kind not in KINDS:
            raise typer.BadParameter(f"{value!r} must be COLUMN=KIND with one of the kinds {', '.join(KINDS)}")
    return values


def unknown_of_columns(values: list[str]) -> list[str]:
    """Validate options that must be `open`, `closed`, `COLUMN=open` or `COLUMN=closed`."""
    for value in values:
        if value.rpartition("=")[2] not in ("open", "closed"):
            raise typer.BadParameter(f"{value!r} must be open, closed, COLUMN=open or COLUMN=closed")
    return values


def values_of_columns(values: list[str]) -> list[str]:
    """Validate options that must be `COLUMN=VALUE`."""
    for value in values:
        if not value.partition("=")[0] or "=" not in value:
            raise typer.BadParameter(f"{value!r} must be COLUMN=VALUE")
    return values


def policies_of(unknown: list[str], unknown_fields: UnknownFields, default: list[str]) -> "Policies":
    """Return the policies that the options choose."""
    from model_training.data.policies import Policies

    by_column: dict[str, Any] = dict(each.rpartition("=")[::2] for each in unknown)
    defaults = dict(each.partition("=")[::2] for each in default)
    return Policies(by_column, unknown_fields, defaults)


def directions_of_columns(values: list[str]) -> list[str]:
    """Validate options that must be `COLUMN=1` or `COLUMN=-1`."""
    for value in values:
        name, _, direction = value.rpartition("=")
        if not name or direction not in ("1", "-1"):
            raise typer.BadParameter(f"{value!r} must be COLUMN=1 (rises with it) or COLUMN=-1 (falls with it)")
    return values


def directions_of(monotone: list[str]) -> dict[str, int]:
    """Return the direction of each column that `--monotone` names."""
    return {name: int(direction) for name, _, direction in (each.rpartition("=") for each in monotone)}


def decimal_mark(value: str | None) -> str | None:
    """Validate a decimal mark."""
    if value not in (None, ".", ","):
        raise typer.BadParameter('must be "." or ","')
    return value


Data = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help='CSV or Parquet file to train on, files such as "orders-*.csv", or gs://BUCKET/OBJECT; the flights if '
        "omitted.",
    ),
]
Target = Annotated[str | None, typer.Option(callback=another_model, is_eager=True, help="Column of --data to predict.")]
Features = Annotated[
    str | None, typer.Option(metavar="A,B,C", help="Feature columns of --data; all but the target if omitted.")
]
Categorical = Annotated[
    str | None,
    typer.Option(metavar="A,B,C", help="Columns to use as categories, such as a month; the same as --kind A=category."),
]
Kind = Annotated[
    list[str],
    typer.Option(
        metavar="COLUMN=KIND",
        callback=kinds_of_columns,
        help="Use a column as number, category, text, boolean or date, or drop it; repeat for more columns.",
    ),
]
Missing = Annotated[
    str | None,
    typer.Option(metavar="A,B,C", help='Words that mean a missing value, such as "NA,?"; an empty cell always does.'),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        metavar=".|,", callback=decimal_mark, help="Decimal mark of numbers that can be read in two ways, as 1,234 can."
    ),
]
Unknown = Annotated[
    list[str],
    typer.Option(
        metavar="[COLUMN=]open|closed",
        callback=unknown_of_columns,
        help="Whether a category that the model does not know is predicted (open) or refused (closed), for one column "
        "or for all; if omitted, open if the model was fitted to handle it. Repeat for more columns.",
    ),
]
UnknownFieldsOption = Annotated[
    UnknownFields, typer.Option("--unknown-fields", help="Whether fields of a row that are not features are refused.")
]
Default = Annotated[
    list[str],
    typer.Option(
        metavar="COLUMN=VALUE",
        callback=values_of_columns,
        help="Value of rows that lack a column, such as month=7; repeat for more columns.",
    ),
]
Dates = Annotated[
    UseOfDates,
    typer.Option(help="Dates: parts uses year, month, weekday, hour and days since the first date; drop omits them."),
]
FirstOfDate = Annotated[
    DateOrder | None,
    typer.Option(help="What comes first in dates that can be read in two ways, as 01/02/2024 can: day or month."),
]
Name = Annotated[
    str | None,
    typer.Option(
        callback=model_name, help="Name of the model; that of the data set (train) or the model file (pack) if omitted."
    ),
]
Title = Annotated[str | None, typer.Option(help="Title of the page and of the API documentation.")]
Describe = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=TEXT",
        callback=described,
        help="Describe a class, a feature or the target for people; repeat for more names.",
    ),
]
Unit = Annotated[str | None, typer.Option(help="Regression: unit of the predicted value, such as kg.")]
TaskType = Annotated[Task | None, typer.Option(help="Task type; inferred from the target if omitted.")]
KnownDataset = Annotated[
    DatasetName | None,
    typer.Option(
        callback=another_model,
        is_eager=True,
        help="Built-in data set: flights from New York in 2013, or scl for Santiago's file in --data.",
    ),
]
FlightsPreset = Annotated[
    Preset,
    typer.Option(
        callback=another_model,
        is_eager=True,
        help="Features of the flights: default has four columns, full has seven.",
    ),
]
Jobs = Annotated[int, typer.Option(callback=number_of_cores, help="Number of cores of this machine; -1 uses all.")]
Rows = Annotated[int | None, typer.Option(min=1000, help="Number of rows to sample at random; all rows if omitted.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the hold-out, the sample and the estimator.")]
ThresholdRule = Annotated[
    Threshold,
    typer.Option(
        parser=threshold_rule,
        metavar="NUMBER|f1|cost:fp=1,fn=5",
        help="Binary tasks: probability above which the second class is predicted; f1 or cost chooses the best one.",
    ),
]
HyperParameters = Annotated[
    Any,
    typer.Option(
        parser=hyper_parameters,
        metavar="PATH|NAME=VALUE,NAME=VALUE",
        help="Hyper-parameters: the file of `taxiway tune`, or by name; the library's defaults if omitted.",
    ),
]
Monotone = Annotated[
    list[str],
    typer.Option(
        metavar="COLUMN=1|-1",
        callback=directions_of_columns,
        help="Boosted trees: the prediction (the probability of the second class) must rise (1) or fall (-1) with a "
        "number, such as price=-1. Repeat for more columns.",
    ),
]
To = Annotated[
    str,
    typer.Option(envvar="MODEL_URI", callback=bucket_uri, metavar="URI", help="Live object, as gs://BUCKET/OBJECT."),
]
Wait = Annotated[
    str | None,
    typer.Option(
        callback=endpoint,
        metavar="URL",
        help="Wait until the function at this address serves the model; sends the identity token in ID_TOKEN, if set.",
    ),
]
WaitSeconds = Annotated[float, typer.Option(min=1, help="Time limit in seconds for waiting.")]
Url = Annotated[str, typer.Argument(callback=endpoint, metavar="URL", help="Address of the function.")]
TrialSeconds = Annotated[int, typer.Option(min=1, help="Time limit in seconds for testing a model.")]
