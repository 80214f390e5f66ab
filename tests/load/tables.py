"""Tables of text: for a terminal, and for a page."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

Rows = Sequence[Sequence[str]]
"""The first is the head; the first column is names, the others are figures."""


def show(rows: Rows) -> None:
    """Print a table."""
    grid = Table(box=box.SIMPLE)
    for number, title in enumerate(rows[0]):
        grid.add_column(title, justify="right" if number else "left")
    for row in rows[1:]:
        grid.add_row(*row)
    Console(highlight=False, markup=False).print(grid)


def markdown(rows: Rows) -> str:
    """Write a table as Markdown."""
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, rule, *body))
