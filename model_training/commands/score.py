"""Predict a table offline, with the same results as the function."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO
from uuid import uuid4

import typer

from model_training.commands.support.console import fail, reading, say, step, warn
from model_training.commands.support.data_files import find_files
from model_training.commands.support.model_files import read_model_file
from model_training.commands.support.options import Decimal, FirstOfDate, Missing, model_uri, name_in
from model_training.commands.support.sources import reading_of

if TYPE_CHECKING:
    from pandas import DataFrame

    from function.model.loaded import LoadedModel
    from model_training.data.tables import Watch
    from model_training.scoring.rules import CellRules

CHUNK_ROWS = 20_000
STANDARD_OUTPUT = Path("-")


def score(
    data: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            help="CSV or Parquet file with a column for each feature: also several as for `train`, or "
            "gs://BUCKET/OBJECT.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="CSV file to write; - writes to standard output.")],
    model: Annotated[
        str,
        typer.Option(
            envvar="MODEL_URI", callback=model_uri, metavar="URI", help="Model file: a path or gs://BUCKET/OBJECT."
        ),
    ] = "build/model.zip",
    missing: Missing = None,
    decimal: Decimal = None,
    date_order: FirstOfDate = None,
) -> None:
    """Predict every row of a table, and write the table with the predictions as new columns.

    The new columns are `prediction` and, for a binary classifier, `probability` (of the second class); with more
    classes, one `probability_CLASS` each. An outlier detector adds `score`, and a model with several outputs one
    `prediction_OUTPUT` each instead. The memory does not depend on the number of rows. If the function would
    refuse a row, the command fails with the line, the column and the allowed values, and writes no file.

    Cells are read as those of the training data were: its missing words, decimal marks, dates and kinds are part of
    the model. The options replace them.
    """
    from msgspec import UNSET

    from function.errors import Refused, Unreachable
    from model_training.data.errors import BadTable
    from model_training.data.parts import paths_of
    from model_training.scoring.chunks import read_texts, usual_mark_of
    from model_training.scoring.notations import find_notations, noted_features
    from model_training.scoring.rules import CellRules, options_of

    given, paths = reading_of(missing, decimal=decimal, date_order=date_order), paths_of(find_files(data))
    _check_output(out, paths)
    try:
        with step(f"Loading {model}"):
            live = _load(model)
        if not live.schema.names:
            fail(f"{model} has no feature names to find the columns by: build a bundle from it with `taxiway pack`.")
        features = noted_features(live.schema.features)
        with step(f"Finding the notation of the numbers and dates in {data}"):
            options = options_of(live.manifest, given, usual_mark_of(paths))
            texts = (chunk for path in paths for chunk in read_texts(path, features))
            notations = find_notations(texts, features, options)
        for name, notation in notations.items():
            if notation.description:
                kind = "numbers" if features[name].format is UNSET else "dates"
                warn(f"{name!r} is read as {kind}: {notation.description}.")
        with _atomic_file(out) as file, reading(f"Scoring {data}") as watch:
            rows, unknown = 0, Counter[str]()
            for chunk in _scored(paths, watch, live, CellRules(options, notations), unknown):
                chunk.to_csv(file, index=False, header=rows == 0)
                rows += len(chunk)
    except (BadTable, Refused, Unreachable) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{out} can't be written: {error.strerror}")
    _warn_of_unknown(unknown)
    if out != STANDARD_OUTPUT:
        say(f"Wrote {out}: {rows:,} rows, predicted by {live.manifest.name} {live.version}.")


def _check_output(out: Path, paths: Sequence[Path]) -> None:
    if out.resolve() in [path.resolve() for path in paths]:
        fail(f"--out {out} is the same file as --data: name another one")
    if out.exists() and not out.is_file():
        fail(f"--out {out} exists and is not a regular file: name another one, or - for standard output")


def _warn_of_unknown(values: Mapping[str, int]) -> None:
    for name, count in values.items():
        warn(f"{name!r}: {count:,} values are not among those that the model knows: predicted like unknown ones.")


def _load(uri: str) -> "LoadedModel":
    from function.model.loaded import load
    from model_training.publishing.identity import max_model_bytes

    return load(*read_model_file(uri, "--model"), max_model_bytes(), name_in(uri))


def _scored(
    paths: Sequence[Path], watch: "Watch", model: "LoadedModel", rules: "CellRules", unknown: Counter[str]
) -> "Iterator[DataFrame]":
    """Yield the rows of all files with their predictions, with the columns in the order of the first file."""
    from model_training.data.tables import check_same_columns
    from model_training.scoring.chunks import read_chunks
    from model_training.scoring.scores import score_chunks

    columns: list[str] = []
    for path in paths:
        prefix = f"{path}, " if len(paths) > 1 else ""
        chunks = read_chunks(path, watch, CHUNK_ROWS)
        for chunk in score_chunks(chunks, model, partial(_locate, path, prefix), rules, unknown):
            columns = columns or list(chunk.columns)
            check_same_columns(path, list(chunk.columns), paths[0], columns)
            yield chunk[columns]


def _locate(path: Path, prefix: str, row: int) -> str:
    from model_training.scoring.chunks import locate_row

    return prefix + locate_row(path, row)


@contextmanager
def _atomic_file(out: Path) -> Iterator[TextIO]:
    """Open a temporary file that is renamed to `out` when it is complete."""
    if out == STANDARD_OUTPUT:
        yield sys.stdout
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    target = out.resolve()
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
