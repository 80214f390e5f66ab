"""The words that several commands share."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from function.live.source import split_bucket_uri
from model_training.commands.support.sources import DatasetName, Preset
from model_training.fitting.thresholds import Threshold, parse_threshold


def bucket_uri(value: str) -> str:
    """Take `gs://BUCKET/OBJECT` alone."""
    try:
        split_bucket_uri(value)
    except ValueError:
        raise typer.BadParameter("must be gs://BUCKET/OBJECT") from None
    return value


def model_uri(value: str) -> str:
    """Take a path, or `gs://BUCKET/OBJECT`."""
    return bucket_uri(value) if value.startswith("gs://") else value


def name_in(uri: str) -> str:
    """Return what a model is called that does not know its own name."""
    return uri.rpartition("/")[2].partition(".")[0]


def threshold_rule(value: str | Threshold) -> Threshold:
    """Take a number or a rule; the default is one already."""
    try:
        return value if isinstance(value, Threshold) else parse_threshold(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def endpoint(value: str | None) -> str | None:
    """Take an address of HTTP alone, without the slash at its end."""
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
    """Take what joblib takes for sure."""
    if value < 1 and value != -1:
        raise typer.BadParameter("must be a number of cores, or -1 for all")
    return value


Tabular = Annotated[
    Path | None, typer.Option("--data", help="A CSV or Parquet file to learn from, instead of flights.")
]
Target = Annotated[str | None, typer.Option(help="Its column to predict.")]
Columns = Annotated[
    str | None, typer.Option("--features", metavar="A,B,C", help="Its columns to predict from; else all others.")
]
Categorical = Annotated[
    str | None, typer.Option(metavar="A,B,C", help="Whole numbers of it that are categories, such as a month.")
]
Known = Annotated[
    DatasetName | None,
    typer.Option("--dataset", help="Data that is known: New York's flights of 2013, Santiago's in --data."),
]
Which = Annotated[Preset, typer.Option("--preset", help="Of the flights: four columns, or the full seven.")]
Jobs = Annotated[int, typer.Option(callback=number_of_cores, help="How many cores of this machine to use; -1 is all.")]
Rows = Annotated[int | None, typer.Option(min=1000, help="Use so many random rows only.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the hold-out, the sample and the estimator.")]
ThresholdRule = Annotated[
    Threshold,
    typer.Option(
        parser=threshold_rule,
        metavar="NUMBER|f1|cost:fp=1,fn=5",
        help="Of two classes: the second is the answer where its probability is greater. A rule chooses the number.",
    ),
]
To = Annotated[
    str,
    typer.Option(envvar="MODEL_URI", callback=bucket_uri, metavar="URI", help="The live object: gs://BUCKET/OBJECT."),
]
Wait = Annotated[
    str | None,
    typer.Option(
        callback=endpoint,
        metavar="URL",
        help="Wait until the function at this address serves it. ID_TOKEN of the environment, if set, goes along.",
    ),
]
WaitSeconds = Annotated[float, typer.Option(min=1, help="How long to wait for that.")]
Url = Annotated[str, typer.Argument(callback=endpoint, metavar="URL", help="The function's address.")]
TrialSeconds = Annotated[int, typer.Option(min=1, help="How long trying a model may take.")]
