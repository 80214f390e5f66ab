"""What a body asks for, once a protocol has read it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from function.model.schema import Columns, Vectors


class Query(Struct, frozen=True, gc=False):
    """n rows as columns or as encoded vectors, and how to put the answer."""

    rows: int
    columns: Columns | None = None
    vectors: Vectors = ()
    style: Any = None
    """The protocol's own note of how the answer is to be put."""
    kept: Sequence[int] | None = None
    """Which of the body's rows these are, where bad ones are left out; None where one fails them all."""
    left_out: int = 0
    explain: bool = False
    """Whether the outputs are to have an explanation."""

    def part(self, start: int, stop: int) -> "Query":
        """Return the same question about some of its rows."""
        stop = min(stop, self.rows)
        columns = self.columns and [column[start:stop] for column in self.columns]
        kept = self.kept and self.kept[start:stop]
        return Query(stop - start, columns, self.vectors[start:stop], self.style, kept)
