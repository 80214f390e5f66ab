"""Show how each column of a table is used."""

from typing import TYPE_CHECKING

from model_training.commands.support.console import columns, say, warn

if TYPE_CHECKING:
    from model_training.data.dataset import Dataset

HEADINGS = ("column", "used as", "values", "missing", "remark")


def show_columns(data: "Dataset") -> None:
    """Print the task and the columns of a custom table, and the warnings of any data set."""
    from model_training.evaluation.column_uses import column_uses

    if data.columns:
        say(f"Task: {data.task}, from the target {data.target.name!r} in {len(data.X):,} rows; --task changes it.")
        columns(
            HEADINGS,
            [[c.name, c.use, c.values, f"{c.missing:,}" if c.missing else "", c.remark] for c in column_uses(data)],
        )
    for remark in data.remarks:
        warn(remark)
