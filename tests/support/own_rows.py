"""Score a table with the model that was trained on it."""

from pathlib import Path

import pandas as pd

from tests.support.commands import run


def score_own_file(data: Path, model: Path) -> tuple[pd.DataFrame, str]:
    """Score every row without any option; return the table that was written, and what was printed."""
    out = model.with_suffix(".scored.csv")
    done = run("score", "--data", data, "--out", out, "--model", model)
    assert done.exit_code == 0, done.stderr
    return pd.read_csv(out, keep_default_na=False), done.stderr
