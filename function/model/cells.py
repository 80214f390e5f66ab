"""What the cells of a table mean, to the tables that callers send as to those that commands read."""

from collections.abc import Collection
from typing import Any

TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")
BOOLEANS = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
"""Booleans by their words in lower case."""


def number_of(cell: Any, *, whole: bool = False) -> Any:
    """Read a number, or return the cell if it is none; with `whole`, 7.0 is the integer 7."""
    if isinstance(cell, bool) or (isinstance(cell, str) and "_" in cell):  # Only Python reads True or 1_000 as numbers.
        return cell
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        return cell
    if not whole or not number.is_integer():
        return number
    try:
        return int(cell)  # Above 2**53 a float may be a different number.
    except ValueError:
        return int(number)


def text_of(cell: str, known: Collection[Any]) -> str:
    """Return the text of a cell among known ones: of whole numbers that are used as text, training keeps the digits."""
    trimmed = cell.strip().removeprefix("+")
    return trimmed if cell not in known and trimmed.isdecimal() and trimmed in known else cell
