"""`init`: taxiway.toml from a table."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from function.model.bundle import read_bundle
from tests.support.commands import run
from tests.support.tables import parcels, written_for

LIMIT = 2**30


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where commands are typed."""
    monkeypatch.delenv("TAXIWAY_CONFIG")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_says_what_was_inferred(folder: Path) -> None:
    """With comments: how each column is used, and why others are left out."""
    table = parcels()[["city", "weight", "stops", "month", "fragile", "late"]]
    table.insert(0, "id", [f"P{number:05}" for number in range(len(table))])
    table.to_csv("parcels.csv", index=False)
    result = run("init", "--data", "parcels.csv", "--target", "late", "--kind", "month=category", "--missing", "NA,?")
    assert result.exit_code == 0, result.output
    assert "Wrote taxiway.toml." in result.output
    assert "left out" in result.output
    text = Path("taxiway.toml").read_text("utf-8")
    assert tomllib.loads(text) == {
        "data": "parcels.csv",
        "target": "late",
        "task": "binary",
        "features": ["city", "weight", "stops", "month", "fragile"],
        "missing": ["NA", "?"],
        "kind": {"month": "category"},
    }
    assert '    "city", # categories, 3: Lima, Quito, São Paulo\n' in text
    assert '# "id" is left out: it has 400 distinct values in 400 rows, as an identifier has' in text
    assert '# to = "gs://BUCKET/models/NAME"' in text


@pytest.mark.parametrize("target", ["late", "band", "minutes"])
def test_training_by_the_file_is_training_by_the_options(folder: Path, target: str) -> None:
    """The same model, to the version."""
    written_for(folder, target)
    versions = []
    for words in (["train", "--data", "parcels.csv", "--target", target], ["init", "--data", "parcels.csv"], ["train"]):
        result = run(*words, *(["--target", target] if words[0] == "init" else []))
        assert result.exit_code == 0, result.output
        versions.append(read_bundle(Path("build/model.zip").read_bytes(), LIMIT).manifest.version)
    assert len(set(versions)) == 1


def test_odd_names_are_written_and_read(folder: Path) -> None:
    """Commas, quotation marks, equals signs, characters of any language."""
    table = parcels().drop(columns=["minutes", "band"])
    names = {"city": "Größe, in m²", "weight": "a = b", "stops": "#", "late": "spät [min]"}
    table.rename(columns=names).to_csv("x.csv", index=False)
    result = run("init", "--data", "x.csv", "--target", "spät [min]", "--kind", "a = b=number", "--kind", "#=text")
    assert result.exit_code == 0, result.output
    assert tomllib.loads(Path("taxiway.toml").read_text("utf-8"))["kind"] == {"a = b": "number", "#": "text"}
    assert run("train").exit_code == 0
    manifest = read_bundle(Path("build/model.zip").read_bytes(), LIMIT).manifest
    assert [feature.name for feature in manifest.features] == ["Größe, in m²", "a = b", "#", "month", "fragile"]


def test_a_kind_that_leaves_nothing_of_a_column_is_not_written(folder: Path) -> None:
    """It would name no feature, which `train` refuses; the comment says what became of the column."""
    heights = [f"{height} cm" for height in range(len(parcels()))]
    parcels().assign(height=heights).to_csv("parcels.csv", index=False)
    words = ["--kind", "height=number", "--kind", "weight=number", "--kind", "month=drop"]
    result = run("init", "--data", "parcels.csv", "--target", "late", *words)
    assert result.exit_code == 0, result.output
    text = Path("taxiway.toml").read_text("utf-8")
    assert tomllib.loads(text)["kind"] == {"weight": "number", "month": "drop"}
    assert "400 values that are no numbers count as missing, such as '0 cm'; all its values are missing" in text
    assert run("train").exit_code == 0


def test_a_path_is_written_relative_to_the_file(folder: Path) -> None:
    """Which may be in another folder, as may the parts of a table."""
    (folder / "data").mkdir()
    table = pd.read_csv(written_for(folder, "late"))
    table[:200].to_csv("data/part-1.csv", index=False)
    table[200:].to_csv("data/part-2.csv", index=False)
    result = run("--config", "data/my.toml", "init", "--data", "data/part-*.csv", "--target", "late")
    assert result.exit_code == 0, result.output
    assert tomllib.loads(Path("data/my.toml").read_text("utf-8"))["data"] == "part-*.csv"
    assert run("--config", "data/my.toml", "train").exit_code == 0


def test_a_file_is_replaced_on_demand_only(folder: Path) -> None:
    """Even if it is invalid."""
    written_for(folder, "late")
    Path("taxiway.toml").write_text("mine = [")
    words = ["init", "--data", "parcels.csv", "--target", "late"]
    result = run(*words)
    assert (result.exit_code, result.output) == (1, "Error: taxiway.toml exists: use --force to replace it.\n")
    assert Path("taxiway.toml").read_text() == "mine = ["
    assert run(*words, "--force").exit_code == 0
    assert "late" in Path("taxiway.toml").read_text()


WRONG = {
    "no target": (["--data", "parcels.csv"], 2, "Missing option '--target'"),
    "no such column": (["--data", "parcels.csv", "--target", "price"], 1, "parcels.csv has no column 'price'; its col"),
    "no such file": (["--data", "no.csv", "--target", "late"], 1, "no.csv can't be read: No such file or directory"),
    "few rows": (["--data", "few.csv", "--target", "b"], 1, "the table has 3 rows with a target: training needs at l"),
    "no address": (["--data", "parcels.csv", "--target", "late", "--to", "x"], 2, "must be gs://BUCKET/OBJECT"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_and_leaves_nothing(folder: Path, case: str) -> None:
    """In a sentence."""
    written_for(folder, "late")
    Path("few.csv").write_text("a,b\n1,2\n2,3\n3,2\n")
    words, code, sentence = WRONG[case]
    result = run("init", *words)
    assert result.exit_code == code
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert not Path("taxiway.toml").exists()
