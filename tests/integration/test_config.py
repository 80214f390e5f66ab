"""taxiway.toml: its keys are the defaults of the commands' options."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from google.cloud import storage

from function.model.bundle import read_bundle
from function.model.manifest import Manifest
from model_training.__main__ import app
from model_training.commands.support.config import Config
from tests.support.commands import run
from tests.support.tables import written_for

LIMIT = 2**30
OF_ONE_RUN = {"categorical", "out", "rows", "candidates", "jobs", "scheduler", "help"}
"""Options that say nothing about the model; --categorical is a short form of --kind."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fork's, with a table in a folder of it."""
    monkeypatch.delenv("TAXIWAY_CONFIG")
    monkeypatch.delenv("MODEL_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    written_for(tmp_path / "data", "late")
    return tmp_path


def write(folder: Path, *lines: str, name: str = "taxiway.toml") -> Path:
    """Write a file of these lines."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def trained(*words: str) -> Manifest:
    """Train, and return the manifest."""
    result = run("train", *words)
    assert result.exit_code == 0, result.output
    return read_bundle(Path("build/model.zip").read_bytes(), LIMIT).manifest


EVERYTHING = (
    'data = "data/parcels.csv"',
    'target = "late"',
    'task = "binary"',
    'features = ["month", "city", "stops"]',
    'missing = ["Quito", "?"]',
    'decimal = "."',
    'estimator = "hist-gradient-boosting"',
    "threshold = 0.25",
    "seed = 3",
    "[kind]",
    'month = "text"',
    "[params]",
    "max_iter = 7",
    "early_stopping = false",
    'class_weight = "balanced"',
)


def test_a_model_is_trained_as_the_file_says(folder: Path) -> None:
    """Every key does what its option does."""
    write(folder, *EVERYTHING)
    result = run("train")
    assert result.exit_code == 0, result.output
    assert "taxiway.toml sets data, target, task, features, kind, missing," in result.output
    manifest = read_bundle((folder / "build" / "model.zip").read_bytes(), LIMIT).manifest
    assert (manifest.name, manifest.threshold) == ("parcels", 0.25)
    assert [(feature.name, feature.type) for feature in manifest.features] == [
        ("month", "string"),
        ("city", "string"),
        ("stops", "integer"),
    ]
    assert set(manifest.features[1].categories or ()) == {"Lima", "São Paulo"}
    assert json.loads((folder / "build" / "model.report.json").read_text())["estimator"] == (
        "HistGradientBoostingClassifier(class_weight='balanced', early_stopping=False, max_iter=7, random_state=3)"
    )


def test_options_win(folder: Path) -> None:
    """Each for itself."""
    write(folder, *EVERYTHING)
    manifest = trained(
        "--features", "stops,weight", "--kind", "stops=number", "--threshold", "0.5", "--params", "max_iter=9"
    )
    assert [feature.name for feature in manifest.features] == ["stops", "weight"]
    assert manifest.threshold == 0.5


def test_the_same_options_give_the_same_model(folder: Path) -> None:
    """Whether the file or the command line has them."""
    by_options = trained("--data", "data/parcels.csv", "--target", "late", "--kind", "month=text", "--threshold", "0.4")
    write(folder, 'data = "data/parcels.csv"', 'target = "late"', "threshold = 0.4", "[kind]", 'month = "text"')
    assert trained().version == by_options.version


@pytest.mark.parametrize("option", [("--dataset", "flights"), ("--preset", "full")])
def test_a_built_in_data_set_is_trained_without_the_file(folder: Path, option: tuple[str, str]) -> None:
    """Nothing of it fits."""
    write(folder, *EVERYTHING)
    result = run("train", *option, "--rows", "2000")
    assert result.exit_code == 0, result.output
    assert f"{option[0]} is not that of the file: nothing of the file is used." in result.output
    manifest = read_bundle((folder / "build" / "model.zip").read_bytes(), LIMIT).manifest
    assert (manifest.name, manifest.threshold) == ("flight-delay", 0.5)


def test_another_target_is_another_model(folder: Path) -> None:
    """To which nothing of the file belongs; the same target is the same model."""
    write(folder, *EVERYTHING)
    words = ["train", "--data", "data/parcels.csv", "--target"]
    result = run(*words, "weight")
    assert result.exit_code == 0, result.output
    assert "--target is not that of the file: nothing of the file is used." in result.output
    assert "Task: regression, from the target 'weight'" in result.output
    assert run("train", "--target", "weight").exit_code == 2
    assert "nothing of the file" not in run(*words, "late").output


def test_the_file_may_select_a_built_in_data_set(folder: Path) -> None:
    """With its own keys."""
    write(folder, 'preset = "full"', 'estimator = "logistic-regression"')
    assert len(trained("--rows", "2000").features) == 7


def test_paths_are_relative_to_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to where the command is typed."""
    path = write(folder / "data", 'data = "parcels.csv"', 'target = "late"', 'params = "params.json"', name="my.toml")
    monkeypatch.chdir(folder.parent)
    tuned = run("--config", path, "tune", "--candidates", "3", "--jobs", "1", "--out", folder / "data" / "params.json")
    assert tuned.exit_code == 0, tuned.output
    assert f"taxiway --config {path} train" in tuned.output
    result = run("--config", path, "train", "--out", folder / "model.zip")
    assert result.exit_code == 0, result.output
    missing = run("--config", path, "train", "--params", "params.json", "--out", folder / "model.zip")
    assert "Error: params.json can't be read: No such file or directory" in missing.output


def test_scoring_reads_as_the_file_says(folder: Path) -> None:
    """With the words that mean a missing value, and the data of the file if no other is named."""
    write(folder, 'data = "data/parcels.csv"', 'target = "late"', 'missing = ["Quito"]')
    trained()
    result = run("score", "--out", "scored.csv")
    assert result.exit_code == 0, result.output
    assert len(Path("scored.csv").read_text().splitlines()) == 401


def test_a_sample_is_read_as_the_file_says(folder: Path) -> None:
    """Unless it is another one, to which nothing of the file belongs."""
    write(folder, 'data = "data/parcels.csv"', 'target = "late"', 'features = ["stops", "month"]')
    trained()
    with zipfile.ZipFile("build/model.zip") as bundle:
        bundle.extract("model.joblib")
    result = run("pack", "model.joblib", "--out", "packed.zip")
    assert result.exit_code == 0, result.output
    assert "roc_auc" in result.output
    pd.read_csv("data/parcels.csv").drop(columns="late").to_csv("sample.csv", index=False)
    result = run("pack", "model.joblib", "--data", "sample.csv", "--out", "packed.zip")
    assert result.exit_code == 0, result.output
    assert "--data is not that of the file: nothing of the file is used." in result.output
    assert "roc_auc" not in result.output


def test_the_publishing_address(folder: Path, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every command that needs it; MODEL_URI wins."""
    write(folder, 'data = "data/parcels.csv"', 'target = "late"', 'to = "gs://models/models/late"')
    trained()
    assert "of gs://models/models/late." in run("publish").output
    assert run("versions").exit_code == 0
    monkeypatch.setenv("MODEL_URI", "gs://models/models/other")
    assert "of gs://models/models/other." in run("publish").output
    assert {blob.name for blob in bucket.list_blobs()} == {"models/late", "models/other"}


WRONG = {
    "no TOML": (['target = "a'], "taxiway.toml is not valid TOML: Illegal character '\\n' (at line 1, column 12)."),
    "an unknown key": (['tagret = "a"'], "taxiway.toml: unknown key `tagret`; the keys are data, dataset, "),
    "another type": (["target = 3"], "taxiway.toml: Expected `str`, got `int` - at `target`."),
    "a text for a list": (['features = "a"'], "taxiway.toml: Expected `array`, got `str` - at `features`."),
    "no address": (
        ['to = "models/late"'],
        "Invalid value for '--to' (env var: 'MODEL_URI'): must be gs://BUCKET/OBJECT",
    ),
    "no such kind": (["[kind]", 'a = "n"'], "Invalid value for '--kind': 'a=n' must be COLUMN=KIND with one of"),
    "no such estimator": (['estimator = "svm"'], "'svm' is not one of 'logistic-regression', 'ridge',"),
    "no such parameter": (
        ['data = "data/parcels.csv"', 'target = "late"', "[params]", "depth = 3"],
        "Error: --params: logistic-regression has no parameter 'depth'; it has C, class_weight,",
    ),
    "no value of a parameter": (
        ['data = "data/parcels.csv"', 'target = "late"', "[params]", "C = -1"],
        "Error: --params: The 'C' parameter of LogisticRegression must be a float in the range (0.0, inf]. Got -1",
    ),
    "no data": (['data = "data/*.tsv"', 'target = "late"'], "Error: there is no file data/*.tsv."),
    "no target": (['data = "data/parcels.csv"'], "--data needs --target, the column to predict"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(folder: Path, case: str) -> None:
    """With the place, and what is allowed."""
    lines, sentence = WRONG[case]
    write(folder, *lines)
    result = run("publish" if case == "no address" else "train")
    assert result.exit_code in (1, 2)
    said = " ".join(result.output.replace("│", " ").split())
    assert sentence in said, said


def test_a_byte_order_mark_does_not_matter(folder: Path) -> None:
    """Editors of Windows write one."""
    Path("taxiway.toml").write_text('to = "models/late"\n', "utf-8-sig")
    assert "must be gs://BUCKET/OBJECT" in run("publish").output


def test_a_file_that_is_named_must_exist(folder: Path) -> None:
    """Unlike taxiway.toml."""
    result = run("--config", "no.toml", "train")
    assert (result.exit_code, result.output) == (1, "Error: no.toml can't be read: No such file or directory.\n")


def test_a_file_does_not_keep_from_asking_for_help(folder: Path) -> None:
    """And the help shows its values."""
    write(folder, *EVERYTHING)
    result = run("train", "--help")
    assert result.exit_code == 0
    assert "[default: late]" in result.output


def test_the_keys_are_the_options_about_a_model() -> None:
    """All of training, searching and publishing, and no others."""
    group: Any = typer.main.get_command(app)
    options = {name: {each.name for each in group.commands[name].params} for name in ("train", "tune", "publish")}
    assert options["train"] | options["tune"] | {"to"} == {*Config.__struct_fields__} | (
        OF_ONE_RUN & (options["train"] | options["tune"])
    )
    assert "to" in options["publish"]
