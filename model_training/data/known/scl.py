"""Read the original service's data set: the flights of Santiago de Chile in 2017, in your own CSV file.

The file's 18 columns are Fecha-I, Vlo-I, Ori-I, Des-I, Emp-I (as scheduled), Fecha-O, Vlo-O, Ori-O, Des-O, Emp-O (as
flown), DIA, MES, AÑO, DIANOM, TIPOVUELO, OPERA, SIGLAORI and SIGLADES; five of them are used.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from function.model.manifest import Origin, Wording
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.data.known.flights import LATE_MINUTES, MONTHS
from model_training.data.parts import Parts, sha256_of
from model_training.data.policies import CLOSED
from model_training.data.tables import Watch, read_table

SCHEDULED, FLOWN = "Fecha-I", "Fecha-O"
FEATURES = ("OPERA", "TIPOVUELO", "MES")
AIRLINES = 23
DESCRIPTIONS = {"OPERA": "Airline", "TIPOVUELO": "Kind of flight", "MES": "Month"}
KINDS: dict[str | int, str] = {"I": "international", "N": "national"}
WORDING = Wording(
    question="Will the flight leave on time?",
    classes=("leaves on time", "leaves late"),
    chance=f"risk of a delay over {LATE_MINUTES} minutes",
)


def read_scl(path: Path | Parts, watch: Watch = lambda file: file) -> Dataset:
    """Read flights with the features of the original service in its order: 23 airlines, 2 flight types, 12 months.

    Raises:
        BadTable: the file can't be read, or lacks these columns or rows with values in them.
    """
    read = read_table(path, watch)
    table = read.frame
    if missing := [name for name in (SCHEDULED, FLOWN, *FEATURES) if name not in table.columns]:
        columns = f"column{'s' * (len(missing) > 1)} {', '.join(missing)}"
        raise BadTable(f"{path} lacks the {columns}; --dataset scl needs the columns of Santiago's flights")
    minutes = (_times(table[FLOWN]) - _times(table[SCHEDULED])).dt.total_seconds() / 60
    month = pd.to_numeric(table["MES"], errors="coerce")
    good = minutes.notna() & month.isin(range(1, 13)) & table["TIPOVUELO"].isin(list(KINDS)) & table["OPERA"].notna()
    if not good.any():
        raise BadTable(
            f"{path} has no complete row: each flight needs {SCHEDULED}, {FLOWN}, OPERA, TIPOVUELO (I or N) "
            "and MES (1 to 12)"
        )
    X = pd.DataFrame(
        {
            "OPERA": table.loc[good, "OPERA"].map(str).astype(object),
            "TIPOVUELO": table.loc[good, "TIPOVUELO"].astype(object),
            "MES": month[good].astype("int64"),
        }
    )
    airlines = sorted(set(X["OPERA"]))
    return Dataset(
        name="flight-delay",
        X=X,
        y=(minutes[good] > LATE_MINUTES).astype("int64").rename("late"),
        origin=Origin(path.name, sha256_of(path), len(X)),
        categories={"OPERA": airlines, "TIPOVUELO": list(map(str, KINDS)), "MES": list(range(1, 13))},
        descriptions=DESCRIPTIONS,
        labels={"TIPOVUELO": KINDS, "MES": dict(enumerate(MONTHS, start=1))},
        wording=WORDING,
        policies=CLOSED,
        remarks=(*read.remarks, *_remarks(len(airlines), int((~good).sum()))),
    )


def _times(given: pd.Series) -> pd.Series:
    return pd.to_datetime(given, errors="coerce", format="ISO8601")


def _remarks(airlines: int, lost: int) -> Iterator[str]:
    if lost:
        yield f"{lost:,} flights are left out: a time, the airline, the flight type (I or N) or the month is missing"
    if airlines != AIRLINES:
        yield (
            f"the file has {airlines} airlines instead of the original {AIRLINES}: an encoded vector has "
            f"{airlines + len(KINDS) + len(MONTHS)} numbers instead of 37"
        )
