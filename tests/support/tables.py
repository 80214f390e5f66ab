"""Tables as a team would bring them, written to a file."""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 400
TASKS = {"late": "binary", "band": "multiclass", "minutes": "regression"}


def parcels(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    """Make a table of every kind of column, some with gaps, and a target for each task."""
    chance = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "city": chance.choice(["Lima", "Quito", "São Paulo"], rows).astype(object),
            "weight": chance.gamma(2.0, size=rows).round(3),
            "stops": chance.integers(0, 9, rows),
            "month": chance.integers(1, 13, rows),
            "fragile": chance.random(rows) < 0.3,
        }
    )
    gaps = chance.random((rows, 2)) < 0.15
    minutes = 20 * table["stops"] + 8 * table["weight"] + 60 * (table["city"] == "Lima") + 5 * chance.normal(size=rows)
    minutes += 40 * gaps[:, 0]
    table["city"] = table["city"].where(~gaps[:, 0], np.nan)
    table["weight"] = table["weight"].where(~gaps[:, 1], np.nan)
    table["minutes"] = minutes
    table["late"] = np.where(minutes > minutes.median(), "late", "early")
    table["band"] = pd.qcut(minutes, 3, labels=["short", "middle", "long"]).astype(object)
    return table


def written_for(folder: Path, target: str, kind: str = "csv", rows: int = ROWS) -> Path:
    """Write the table with one of its targets alone."""
    table = parcels(rows).drop(columns=[name for name in TASKS if name != target])
    path = folder / f"parcels.{kind}"
    if kind == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return path
