"""Predict a table offline, with the numbers of the service."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO
from uuid import uuid4

import typer

from model_training.commands.support.console import fail, reading, say, step
from model_training.commands.support.options import model_uri, name_in

if TYPE_CHECKING:
    from function.model.loaded import LoadedModel

PIECE_ROWS = 20_000
STANDARD_OUTPUT = Path("-")


def score(
    data: Annotated[Path, typer.Option(help="A CSV or Parquet file with a column for each feature.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write; - is standard output.")],
    model: Annotated[
        str,
        typer.Option(envvar="MODEL_URI", callback=model_uri, metavar="URI", help="A file, or gs://BUCKET/OBJECT."),
    ] = "build/model.zip",
) -> None:
    """Predict every row of a table: its columns as they are, and behind them the answers.

    The answers are `prediction` and, of a classifier, `probability` (of the second class; of more than two
    classes one `probability_CLASS` each). Any number of rows takes the same memory. A row that the service
    would refuse ends it with the line, the column and what is allowed there, and no file is written.
    """
    from function.errors import Refused, Unreachable
    from model_training.data.errors import BadTable
    from model_training.scoring.pieces import pieces, place_of
    from model_training.scoring.scores import scored

    if out.resolve() == data.resolve():
        fail(f"--out {out} is the file that is read")
    if out.exists() and not out.is_file():
        fail(f"--out {out} is there and is no file; - is standard output")
    try:
        with step(f"Loading {model}"):
            live = _load(model)
        if not live.schema.names:
            fail(f"{model} does not name its features: its columns can't be told.")
        with _whole(out) as file, reading(f"Scoring {data}") as watch:
            rows = 0
            for piece in scored(pieces(data, watch, PIECE_ROWS), live, partial(place_of, data)):
                piece.to_csv(file, index=False, header=rows == 0)
                rows += len(piece)
    except (BadTable, Refused, Unreachable) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{out} can't be written: {error.strerror}")
    if out != STANDARD_OUTPUT:
        say(f"Wrote {out}: {rows:,} rows, predicted by {live.manifest.name} {live.version}.")


def _load(uri: str) -> "LoadedModel":
    from function.live.source import open_source
    from function.model.loaded import load
    from model_training.publishing.identity import MAX_MODEL_BYTES

    source = open_source(uri)
    found = source.find()
    return load(source.read(found), found.generation, MAX_MODEL_BYTES, name_in(uri))


@contextmanager
def _whole(out: Path) -> Iterator[TextIO]:
    """Open a file that takes its name when all of it is there."""
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
