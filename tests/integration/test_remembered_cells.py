"""A model remembers how the cells of its training data were read, so that a table scores itself without an option."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from function.model.bundle import read_bundle
from function.model.manifest import CellReading, Reading
from tests.support.commands import run
from tests.support.own_rows import score_own_file

LIMIT = 100_000_000
ROWS = 200


def written(folder: Path, **columns: list[str]) -> Path:
    """Write columns of text and a target, repeated to enough rows."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame({name: (ROWS * values)[:ROWS] for name, values in columns.items()})
    table["size"] = chance.normal(size=ROWS).round(3)
    table["late"] = np.where(table["size"] + chance.normal(size=ROWS) > 0, "late", "early")
    table.to_csv(folder / "table.csv", index=False)
    return folder / "table.csv"


def trained(data: Path, *words: object) -> tuple[Path, Reading]:
    """Train with options; return the bundle and what it remembers."""
    out = data.with_suffix(".zip")
    done = run("train", "--data", data, "--target", "late", "--out", out, *words)
    assert done.exit_code == 0, done.stderr
    return out, read_bundle(out.read_bytes(), LIMIT).manifest.reading or Reading()


CASES: dict[str, tuple[dict[str, list[str]], list[str], Reading]] = {
    "nothing": ({"x": ["a", "b"]}, [], Reading()),
    "missing words": ({"x": ["1", "2", "?", "n/k"]}, ["--missing", "?,n/k"], Reading(("?", "n/k"))),
    "a decimal comma by evidence": ({"x": ["1,5", "2,25"]}, [], Reading((), {"x": CellReading(decimal=",")})),
    "a decimal comma by option": ({"x": ["1.234", "999.5", "7"]}, [], Reading()),
    "thousands by option": (
        {"x": ["1,234", "2,345", "999"]}, ["--decimal", "."], Reading((), {"x": CellReading(decimal=".")})
    ),
    "a number with others": (
        {"x": ["1", "2.5", "n/k", "true"]}, ["--kind", "x=number"], Reading((), {"x": CellReading(kind="number")})
    ),
    "a boolean with others": (
        {"x": ["yes", "no", "perhaps", "1"]}, ["--kind", "x=boolean"], Reading((), {"x": CellReading(kind="boolean")})
    ),
    "a date with others": (
        {"x": ["2024-05-01", "2023-01-31", "soon"]}, ["--kind", "x=date"], Reading((), {"x": CellReading(kind="date")})
    ),
    "a date of another order": (
        {"x": ["01.05.2024", "02.06.2024"]}, ["--date-order", "month"],
        Reading((), {"x": CellReading(date_order="month")}),
    ),
    "digits as text": ({"x": ["7", "08", "9"]}, ["--kind", "x=text"], Reading((), {"x": CellReading(kind="text")})),
    "whole numbers as categories": (
        {"x": ["7", " 8", "9", ""]}, ["--kind", "x=category"], Reading((), {"x": CellReading(kind="category")})
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_table_scores_itself_without_an_option(tmp_path: Path, case: str) -> None:
    """Whatever the options of the training were; the same rows have the same predictions."""
    columns, words, expected = CASES[case]
    data = written(tmp_path, **columns)
    model, remembered = trained(data, *words)
    assert remembered == expected
    scored, _ = score_own_file(data, model)
    assert len(scored) == ROWS


def test_options_of_score_win(tmp_path: Path) -> None:
    """Over what the model remembers."""
    model, _ = trained(written(tmp_path, x=["1", "2", "?"]), "--missing", "?")
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other", x=["1", "2", "-"])
    words = ("--data", other, "--model", model, "--out", tmp_path / "out.csv")
    refused = run("score", *words)
    assert "line 4, x: expected a number" in refused.stderr
    assert run("score", *words, "--missing", "-").exit_code == 0


def test_numbers_that_training_takes_as_missing_are_missing(tmp_path: Path) -> None:
    """Infinite ones."""
    data = written(tmp_path, x=["1.5", "inf", "-inf", "1e300"])
    scored, _ = score_own_file(data, trained(data)[0])
    assert len(scored) == ROWS


def test_a_manifest_has_no_field_of_what_is_usual(tmp_path: Path) -> None:
    """A plain table's manifest has no such field, as bundles of earlier versions."""
    model, _ = trained(written(tmp_path, x=["a", "b"]))
    with ZipFile(model) as archive:
        assert b'"reading"' not in archive.read("manifest.json")
