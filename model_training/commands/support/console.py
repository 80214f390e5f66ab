"""Print messages, progress and tables of the commands, and end a command with an error."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn
from uuid import uuid4

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False)
UNBOUNDED = 1000
"""The width in characters of a table that is not printed to a terminal."""


def plain(text: str) -> str:
    """Escape markup and replace control characters, so that text of any origin is safe to print."""
    return escape("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text))


def say(message: str) -> None:
    """Print a message on standard output."""
    output.print(plain(message), soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Print an error on standard error, and end the command with exit code 1."""
    errors.print(f"[bold red]Error:[/] {plain(message)}", soft_wrap=True)
    raise typer.Exit(1)


def note(message: str) -> None:
    """Print a remark on standard error."""
    errors.print(f"[dim]{plain(message)}[/]", soft_wrap=True)


def warn(message: str) -> None:
    """Print a warning on standard error."""
    errors.print(f"[bold yellow]Warning:[/] {plain(message)}", soft_wrap=True)


@contextmanager
def step(description: str) -> Iterator[Callable[[str], None]]:
    """Show the progress and elapsed time of a step; yield a function that changes the description."""
    with _progress() as progress:
        task = progress.add_task(plain(description), total=1)
        yield lambda text: progress.update(task, description=plain(text))
        progress.update(task, description=plain(description))
        progress.advance(task)


@contextmanager
def reading(description: str) -> Iterator[Callable[[BinaryIO], BinaryIO]]:
    """Show the progress of reading a file; yield a function that wraps the file to measure it."""
    with _progress(BarColumn(bar_width=20)) as progress:
        task = progress.add_task(plain(description), total=None)

        def watch(file: BinaryIO) -> BinaryIO:
            progress.reset(task, total=max(1, os.fstat(file.fileno()).st_size))
            return progress.wrap_file(file, task_id=task)

        yield watch
        progress.update(task, total=1, completed=1)


def _progress(*more: ProgressColumn) -> Progress:
    named = (SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"))
    return Progress(*named, *more, TimeElapsedColumn(), console=errors)


def table(title: str, rows: Mapping[str, str]) -> None:
    """Print names and values as a table of two columns."""
    grid = Table("", "", title=title, show_header=False, title_justify="left")
    for name, value in rows.items():
        grid.add_row(plain(name), plain(value))
    output.print(grid)


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a table; without line breaks in cells if the output is not a terminal."""
    grid = Table(*headings)
    for row in rows:
        grid.add_row(*map(plain, row))
    (output if output.is_terminal else Console(width=UNBOUNDED, highlight=False)).print(grid)


def write(path: Path, data: bytes) -> None:
    """Write a file, and create its folder if needed; a reader sees the whole file or the one before it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # A device has no content to replace.
            path.write_bytes(data)
            return
        target = path.resolve()
        part = target.with_name(f".{uuid4().hex}.part")
        try:
            part.write_bytes(data)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        fail(f"{path} can't be written: {error.strerror}")
