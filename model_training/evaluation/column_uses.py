"""Describe how each column of a custom table is used, for the terminal and the report."""

import msgspec

from model_training.data.dataset import Dataset


class ColumnUse(msgspec.Struct, frozen=True):
    """A column of the training table: the kind it is used as, its values, and a remark on what was changed."""

    name: str
    use: str
    values: str
    missing: int
    remark: str


def column_uses(data: Dataset) -> tuple[ColumnUse, ...]:
    """Describe the columns of a data set; empty if it is built in."""
    return tuple(ColumnUse(c.name, c.use, c.summary, c.missing, c.remark) for c in data.columns)
