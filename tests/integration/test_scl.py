"""Training on the original service's data: a file of its schema."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

from function.model.bundle import read_bundle
from function.model.loaded import load
from model_training.data.known.scl import read_scl
from tests.support.commands import run
from tests.support.flights import EXAMPLE

LIMIT = 100_000_000
ROWS = 1200
AIRLINES = [f"Línea {letter}" for letter in "WVUTSRQPONMLKJIHGFEDCBA"]


def flights(airlines: list[str] = AIRLINES) -> pd.DataFrame:
    """Make flights with the columns of the file, of which half the airlines are mostly late."""
    chance = np.random.default_rng(0)
    number = np.arange(ROWS) % len(airlines)
    scheduled = pd.Timestamp("2017-01-01 23:30:00") + pd.to_timedelta(
        chance.integers(0, 360 * 24 * 60, ROWS), unit="min"
    )
    minutes = np.where(chance.random(ROWS) < np.where(number % 2, 0.7, 0.1), 16, 15)
    flown = scheduled + pd.to_timedelta(minutes, unit="min")
    return pd.DataFrame(
        {
            "Fecha-I": scheduled.astype(str), "Vlo-I": "226", "Ori-I": "SCEL", "Des-I": "KMIA", "Emp-I": "AAL",
            "Fecha-O": flown.astype(str), "Vlo-O": 226.0, "Ori-O": "SCEL", "Des-O": "KMIA", "Emp-O": "AAL",
            "DIA": scheduled.day, "MES": scheduled.month, "AÑO": 2017, "DIANOM": scheduled.day_name(),
            "TIPOVUELO": chance.choice(["I", "N"], ROWS), "OPERA": np.array(airlines)[number],
            "SIGLAORI": "Santiago", "SIGLADES": "Miami",
        }
    )  # fmt: skip


def train(folder: Path, table: pd.DataFrame, *words: object, encoding: str = "utf-8") -> tuple[Result, Path]:
    """Train on a file of these flights."""
    path, out = folder / "data.csv", folder / "model.zip"
    path.write_bytes(table.to_csv(index=False).encode(encoding))
    return run("train", "--dataset", "scl", "--data", path, "--out", out, *words), out


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("estimator", ["logistic-regression", "hist-gradient-boosting"])
def test_there_are_the_originals_37_columns_in_its_order(tmp_path: Path, estimator: str, encoding: str) -> None:
    """Airlines by name, kinds of flight, months; the original's array is answered."""
    result, out = train(tmp_path, flights(), "--estimator", estimator, encoding=encoding)
    assert result.exit_code == 0, result.stderr
    model = load(out.read_bytes(), None, LIMIT)
    assert model.manifest.encoded == (
        *(f"OPERA_{name}" for name in sorted(AIRLINES)),
        *("TIPOVUELO_I", "TIPOVUELO_N"),
        *(f"MES_{month}" for month in range(1, 13)),
    )
    assert [feature.name for feature in model.manifest.features] == ["OPERA", "TIPOVUELO", "MES"]
    assert model.predict_vectors([EXAMPLE]).labels.tolist() in ([0], [1])
    assert model.manifest.metrics["roc_auc"] > 0.7
    assert ("Latin-1" in result.stderr) == (encoding == "latin-1")


def test_late_is_over_15_minutes(tmp_path: Path) -> None:
    """Not 15 itself; one second more is; an early one is not."""
    table = flights().head(4)
    table["Fecha-I"] = "2017-06-01 12:00:00"
    table["Fecha-O"] = ["2017-06-01 12:15:00", "2017-06-01 12:15:01", "2017-06-01 11:00:00", "2017-06-02 12:00:00"]
    path = tmp_path / "data.csv"
    table.to_csv(path, index=False)
    assert read_scl(path).target.tolist() == [0, 1, 0, 1]


def test_training_twice_gives_the_same_version(tmp_path: Path) -> None:
    """What differs is the creation time."""
    manifests = []
    for _ in range(2):
        result, out = train(tmp_path, flights())
        assert result.exit_code == 0, result.stderr
        manifests.append(msgspec.structs.replace(read_bundle(out.read_bytes(), LIMIT).manifest, created=None))
    assert manifests[0] == manifests[1]


def test_flights_that_lack_something_are_left_out(tmp_path: Path) -> None:
    """With a warning that counts them, and one where the vector is another."""
    table = flights(AIRLINES[:5])
    table.loc[0, "Fecha-O"] = None
    table.loc[1, "TIPOVUELO"] = "X"
    table.loc[2, "MES"] = 13
    table.loc[3, "OPERA"] = None
    table.loc[4, "Fecha-I"] = "yesterday"
    result, out = train(tmp_path, table)
    assert result.exit_code == 0, result.stderr
    assert "5 flights are left out" in result.stderr
    assert "5 airlines instead of the original 23: an encoded vector has 19 numbers" in result.stderr
    data = read_bundle(out.read_bytes(), LIMIT).manifest.data
    assert data is not None
    assert data.rows == ROWS - 5


def test_another_file_is_an_error(tmp_path: Path) -> None:
    """Which names what it lacks."""
    result, _ = train(tmp_path, flights().drop(columns=["Fecha-O", "OPERA"]))
    assert result.exit_code == 1
    assert "lacks the columns Fecha-O, OPERA" in result.stderr


def test_flights_of_one_class_are_an_error(tmp_path: Path) -> None:
    """There is nothing to be learnt."""
    table = flights()
    table["Fecha-O"] = table["Fecha-I"]
    result, _ = train(tmp_path, table)
    assert result.exit_code == 1
    assert "0 1200" in result.stderr
