"""A table as an online shop exports it: fourteen columns, hardly one of which is what it seems."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 20_000
CITIES = ("Aarau", "Bern", "Chur", "Dübendorf")
COUNTRIES = ("NA", "CH", "DE", "FR")
WORDS = (
    "left",
    "rang",
    "the",
    "parcel",
    "at",
    "door",
    "neighbour",
    "twice",
    "nobody",
    "answered",
    "dog",
    "gate",
    "cash",
)
KINDS = {
    "ordered": "date: year, month, weekday, days",
    "postcode": "categories",
    "price": "number, decimal comma, thousands point, €",
    "country": "categories",
    "city": "categories",
    "discount": "number, percent",
    "order": "left out",
    "note": "left out",
    "shop": "left out",
    "returned": "left out",
    "gift": "boolean",
    "items": "number",
    "product": "categories",
    "weight": "number",
}
"""The kind of each column as `train` shows it."""


def messy_table(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    """Make the table as text, which is what a CSV file is; the target is `late`."""
    chance = np.random.default_rng(seed)
    price = chance.gamma(2.0, 400, rows).round(2)
    weight = chance.gamma(2.0, size=rows).round(3)
    country = chance.choice(COUNTRIES, rows)
    late = weight + (country == "NA") + chance.normal(0, 0.5, rows) > 2.3
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(chance.integers(0, 366, rows), unit="D")
    table = pd.DataFrame(
        {
            "ordered": days.strftime("%Y-%m-%d"),
            "postcode": [f"{number:05}" for number in 7 * chance.integers(100, 340, rows)],
            "price": [f"{euros:,.2f} €".translate(str.maketrans(",.", ".,")) for euros in price],
            "country": country,
            "city": np.where(chance.random(rows) < 0.1, "", chance.choice(CITIES, rows)),
            "discount": [f"{share} %" for share in chance.integers(0, 40, rows) / 2],
            "order": [f"ORD-{number:07}" for number in chance.permutation(rows)],
            "note": [" ".join(chance.choice(WORDS, 6)) for _ in range(rows)],
            "shop": "online",
            "returned": np.where(late, "Y", "N"),
            "gift": np.where(chance.random(rows) < 0.1, "", chance.choice(["true", "false"], rows)),
            "items": np.where(chance.random(rows) < 0.1, "", chance.integers(1, 9, rows).astype(str)),
            "product": [f"P{number}" for number in chance.integers(0, 300, rows)],
            "weight": weight.astype(str),
            "late": np.where(late, "late", "on time"),
        }
    )
    return table.astype(object)


def _missing(column: pd.Series) -> pd.Series:
    return column.where(column != "", None)


TYPED: dict[str, Callable[[pd.Series], pd.Series]] = {
    "ordered": pd.to_datetime,
    "country": lambda column: column.astype("category"),
    "gift": lambda column: column.map({"true": True, "false": False, "": None}).astype("boolean"),
    "items": lambda column: pd.to_numeric(_missing(column)).astype("Int64"),
    "weight": pd.to_numeric,
}
"""The columns that have another type than text in a Parquet file."""


def write_messy_table(path: Path, table: pd.DataFrame) -> Path:
    """Write the table as CSV, or with the types of a database as Parquet."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.assign(**{name: convert(table[name]) for name, convert in TYPED.items()}).to_parquet(path)
    return path
