"""A decoded request: the rows to predict, and how to encode the response."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from function.model.schema import Columns, Schema, Vectors


class Query(Struct, frozen=True, gc=False):
    """n rows as columns, as rows of named features or as encoded vectors, and the options of the response."""

    rows: int
    columns: Columns | None = None
    vectors: Vectors = ()
    named: Sequence[Any] = ()
    """Rows of named features that become columns when they are predicted: at once with those of other requests."""
    options: Any = None
    """What the protocol needs to encode the response."""
    kept: Sequence[int] | None = None
    """The positions of these rows in the body, if invalid rows are skipped; None if one invalid row fails them all."""
    skipped: int = 0
    """The number of rows of the body that were skipped."""
    explain: bool = False
    """Whether to explain the predictions."""

    @property
    def encoded(self) -> bool:
        """Whether the rows are encoded vectors."""
        return self.columns is None and not self.named

    def with_columns(self, schema: Schema) -> "Query":
        """Return this query, with columns in the place of rows of named features."""
        return replace(self, columns=schema.columns(self.named), named=()) if self.named else self

    def spread(self, values: list[Any]) -> list[Any]:
        """Put null in the place of each row that was skipped."""
        if self.kept is None or not self.skipped:
            return values
        spread = [None] * (self.rows + self.skipped)
        for row, value in zip(self.kept, values, strict=True):
            spread[row] = value
        return spread

    def keeping(self, kept: Sequence[int]) -> "Query":
        """Return a query without the rows whose positions in the body are not in `kept`."""
        places = {position: place for place, position in enumerate(self.kept or ())}
        chosen = self.select([places[position] for position in kept])
        return replace(chosen, skipped=self.skipped + self.rows - len(kept), explain=self.explain)

    def part(self, start: int, stop: int) -> "Query":
        """Return a query of some of the rows."""
        stop = min(stop, self.rows)
        columns = self.columns and [column[start:stop] for column in self.columns]
        kept = self.kept and self.kept[start:stop]
        return Query(stop - start, columns, self.vectors[start:stop], options=self.options, kept=kept)

    def select(self, rows: Sequence[int]) -> "Query":
        """Return a query of the rows at these positions."""
        columns = self.columns and [column[list(rows)] for column in self.columns]
        vectors = [self.vectors[row] for row in rows] if self.columns is None else ()
        kept = self.kept and [self.kept[row] for row in rows]
        return Query(len(rows), columns, vectors, options=self.options, kept=kept)
