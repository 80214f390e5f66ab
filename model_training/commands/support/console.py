"""What the commands say, and how they fail."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False)
UNBOUNDED = 1000
"""The width of a table that goes into a file or another program."""


def plain(text: str) -> str:
    """Make text of any origin harmless: neither markup nor a terminal's control characters."""
    return escape("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text))


def say(message: str) -> None:
    """Print a sentence."""
    output.print(plain(message), soft_wrap=True)


def fail(message: str) -> NoReturn:
    """End the command with exit code 1 and a sentence on standard error."""
    errors.print(f"[bold red]Error:[/] {plain(message)}", soft_wrap=True)
    raise typer.Exit(1)


def warn(message: str) -> None:
    """Say something on standard error that does not end the command."""
    errors.print(f"[bold yellow]Warning:[/] {plain(message)}", soft_wrap=True)


@contextmanager
def step(description: str) -> Iterator[Callable[[str], None]]:
    """Show that something is under way, and how long it has taken; what is yielded changes the description."""
    with _progress() as progress:
        task = progress.add_task(plain(description), total=1)
        yield lambda text: progress.update(task, description=plain(text))
        progress.update(task, description=plain(description))
        progress.advance(task)


@contextmanager
def reading(description: str) -> Iterator[Callable[[BinaryIO], BinaryIO]]:
    """Show that something is read; a file that goes through what is yielded shows how much of it has been."""
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
    """Print names and values."""
    grid = Table("", "", title=title, show_header=False, title_justify="left")
    for name, value in rows.items():
        grid.add_row(plain(name), plain(value))
    output.print(grid)


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of values; as wide as they are where no terminal bounds them."""
    grid = Table(*headings)
    for row in rows:
        grid.add_row(*map(plain, row))
    (output if output.is_terminal else Console(width=UNBOUNDED, highlight=False)).print(grid)


def write(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        fail(f"{path} can't be written: {error.strerror}")
