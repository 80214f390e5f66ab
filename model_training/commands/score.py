"""Predict a table offline, with the same results as the function."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO
from uuid import uuid4

import typer

from model_training.commands.support.console import fail, reading, say, step, warn
from model_training.commands.support.options import Decimal, Missing, model_uri, name_in
from model_training.commands.support.sources import reading_of

if TYPE_CHECKING:
    from function.model.loaded import LoadedModel

CHUNK_ROWS = 20_000
STANDARD_OUTPUT = Path("-")


def score(
    data: Annotated[Path, typer.Option(help="CSV or Parquet file with a column for each feature.")],
    out: Annotated[Path, typer.Option(help="CSV file to write; - writes to standard output.")],
    model: Annotated[
        str,
        typer.Option(
            envvar="MODEL_URI", callback=model_uri, metavar="URI", help="Model file: a path or gs://BUCKET/OBJECT."
        ),
    ] = "build/model.zip",
    missing: Missing = None,
    decimal: Decimal = None,
) -> None:
    """Predict every row of a table, and write the table with the predictions as new columns.

    The new columns are `prediction` and, for a binary classifier, `probability` (of the second class); with more
    classes, one `probability_CLASS` each. The memory does not depend on the number of rows. If the function would
    refuse a row, the command fails with the line, the column and the allowed values, and writes no file.
    """
    from function.errors import Refused, Unreachable
    from model_training.data.errors import BadTable
    from model_training.scoring.chunks import locate_row, read_chunks, read_texts, usual_mark_of
    from model_training.scoring.notations import find_notations
    from model_training.scoring.scores import CellRules, number_columns, score_chunks

    rules = reading_of(missing, decimal=decimal)

    if out.resolve() == data.resolve():
        fail(f"--out {out} is the same file as --data: name another one")
    if out.exists() and not out.is_file():
        fail(f"--out {out} exists and is not a regular file: name another one, or - for standard output")
    try:
        with step(f"Loading {model}"):
            live = _load(model)
        if not live.schema.names:
            fail(f"{model} has no feature names to find the columns by: build a bundle from it with `taxiway pack`.")
        with step(f"Finding the notation of the numbers in {data}"):
            notations = find_notations(read_texts(data, number_columns(live)), rules, usual_mark_of(data))
        for name, notation in notations.items():
            if notation.description:
                warn(f"{name!r} is read as numbers: {notation.description}.")
        with _atomic_file(out) as file, reading(f"Scoring {data}") as watch:
            rows = 0
            cells = CellRules(rules.missing, notations)
            for chunk in score_chunks(read_chunks(data, watch, CHUNK_ROWS), live, partial(locate_row, data), cells):
                chunk.to_csv(file, index=False, header=rows == 0)
                rows += len(chunk)
    except (BadTable, Refused, Unreachable) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{out} can't be written: {error.strerror}")
    if out != STANDARD_OUTPUT:
        say(f"Wrote {out}: {rows:,} rows, predicted by {live.manifest.name} {live.version}.")


def _load(uri: str) -> "LoadedModel":
    from function.live.source import open_source
    from function.model.loaded import load
    from model_training.publishing.identity import max_model_bytes

    try:
        source = open_source(uri)
    except ValueError as error:
        fail(f"--model: {error}.")
    found = source.find()
    return load(source.read(found), found.generation, max_model_bytes(), name_in(uri))


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
