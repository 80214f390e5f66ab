"""What the commands say, and how they fail."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def fail(message: str) -> NoReturn:
    """End the command with exit code 1 and a sentence on standard error."""
    errors.print(f"[bold red]Error:[/] {message}", soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def step(description: str) -> Iterator[None]:
    """Show that something is under way, and how long it has taken."""
    with Progress(
        SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors
    ) as progress:
        task = progress.add_task(description, total=1)
        yield
        progress.advance(task)


def table(title: str, rows: Mapping[str, str]) -> None:
    """Print names and values."""
    grid = Table("", "", title=title, show_header=False, title_justify="left")
    for name, value in rows.items():
        grid.add_row(name, value)
    output.print(grid)
