"""Training on a custom table."""

import io
import json
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

from function.model.bundle import JOBLIB, read_bundle
from function.model.loaded import load
from model_training.data.custom_table import read_custom_table
from model_training.fitting.estimators import EstimatorName, estimators_of
from tests.support.commands import run
from tests.support.packed_models import instances_of
from tests.support.tables import TASKS, parcels, written_for

LIMIT = 100_000_000
ESTIMATORS = [(target, estimator) for target, task in TASKS.items() for estimator in estimators_of(task)]  # type: ignore[arg-type]


def train(path: Path, *words: object) -> tuple[Result, Path]:
    """Train on a file."""
    out = path.parent / "model.zip"
    return run("train", "--data", path, "--out", out, *words), out


def trained(path: Path, *words: object) -> bytes:
    """Train on a file, which works; return the bundle."""
    result, out = train(path, *words)
    assert result.exit_code == 0, result.stderr
    return out.read_bytes()


@pytest.mark.parametrize(("target", "estimator"), ESTIMATORS)
def test_every_task_is_trained_judged_and_compiled(tmp_path: Path, target: str, estimator: EstimatorName) -> None:
    """The principal metric is far from chance's, the report is there, and ONNX will serve it."""
    path = written_for(tmp_path, target)
    result, out = train(path, "--target", target, "--estimator", estimator)
    assert result.exit_code == 0, result.stderr
    manifest = read_bundle(out.read_bytes(), LIMIT).manifest
    assert manifest.task == TASKS[target]
    metric = {"binary": "roc_auc", "multiclass": "macro_roc_auc", "regression": "r2"}[manifest.task]
    assert manifest.metrics[metric] > 0.8
    assert f"{manifest.metrics[metric]:.4f}" in result.stdout
    said = "no value differs" if manifest.task == "regression" else "no label differs"
    assert said in " ".join(result.stdout.replace("│", " ").split())
    numbers = json.loads(out.with_suffix(".report.json").read_text())
    assert (numbers["task"], numbers["rows"]) == (manifest.task, 120)
    assert numbers["metrics"][metric]["baseline"] < 0.6


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_columns_are_shown_and_become_features(tmp_path: Path, kind: str) -> None:
    """With their kind, and what may be missing because it was."""
    result, out = train(written_for(tmp_path, "late", kind), "--target", "late", "--categorical", "month")
    assert result.exit_code == 0, result.stderr
    lines = {line.split()[1]: line for line in result.stdout.splitlines() if line.startswith("│")}
    features = {feature.name: feature for feature in read_bundle(out.read_bytes(), LIMIT).manifest.features}
    assert [(name, feature.type) for name, feature in features.items()] == [
        ("city", "string"),
        ("weight", "number"),
        ("stops", "integer"),
        ("month", "integer"),
        ("fragile", "boolean"),
    ]
    assert [name for name, feature in features.items() if feature.nullable] == ["city", "weight"]
    assert features["month"].categories == tuple(range(1, 13))
    assert features["stops"].categories is None
    for name, word in {"city": "Quito", "weight": "number", "stops": "0 to 8", "month": "categories"}.items():
        assert word in lines[name]


@pytest.mark.parametrize(("target", "estimator"), ESTIMATORS)
def test_the_function_answers_as_the_pipeline_does(tmp_path: Path, target: str, estimator: EstimatorName) -> None:
    """Rows with gaps, as a caller writes them, get what the pipeline makes of them as training reads them."""
    data = trained(written_for(tmp_path, target), "--target", target, "--estimator", estimator)
    model, pipeline = load(data, None, LIMIT), joblib.load(io.BytesIO(read_bundle(data, LIMIT).read(JOBLIB)))
    new = parcels(seed=1)[[*model.schema.names, target]]
    new.to_csv(tmp_path / "new.csv", index=False)
    X = read_custom_table(tmp_path / "new.csv", target).X
    sent = msgspec.json.encode(instances_of(new[model.schema.names]))
    rows = msgspec.json.decode(sent, type=list[model.schema.Row])  # type: ignore[name-defined]
    assert sent.count(b"null") > 50
    outputs = model.predict_columns(model.schema.columns(rows))
    if outputs.probabilities is None:
        assert outputs.labels == pytest.approx(pipeline.predict(X), rel=1e-5)
    else:
        assert outputs.labels.tolist() == pipeline.predict(X).tolist()
        assert outputs.probabilities == pytest.approx(pipeline.predict_proba(X), abs=1e-5)


def test_what_was_never_missing_may_not_be_missing(tmp_path: Path) -> None:
    """Nobody has learnt what to make of it."""
    model = load(trained(written_for(tmp_path, "late"), "--target", "late"), None, LIMIT)
    row: dict[str, Any] = {"city": None, "weight": None, "stops": 1, "month": 1, "fragile": True}
    assert model.schema.accepts(list(row.values()))
    assert not model.schema.accepts(list((row | {"stops": None}).values()))
    assert not model.schema.accepts(list((row | {"fragile": None}).values()))


def test_a_gap_that_is_not_held_out_is_one_all_the_same(tmp_path: Path) -> None:
    """One missing value among the rows fitted is enough for callers to be allowed to leave it out."""
    table = parcels().assign(stops=lambda t: t["stops"].astype(float))
    path = tmp_path / "parcels.csv"
    for row in range(20):
        table.assign(stops=table["stops"].where(table.index != row)).to_csv(path, index=False)
        held_out = read_custom_table(path, "late").split(seed=0)[1].X
        if row not in held_out.index:
            break
    for estimator in estimators_of("binary"):
        words = ("--target", "late", "--features", "stops,month", "--estimator", estimator)
        features = read_bundle(trained(path, *words), LIMIT).manifest.features
        assert [feature.nullable for feature in features] == [True, False]


def test_training_twice_differs_in_the_creation_time_alone(tmp_path: Path) -> None:
    """And the data's fingerprint is that of the file."""
    path = written_for(tmp_path, "band")
    words = ("--target", "band", "--estimator", "hist-gradient-boosting")
    before, after = (read_bundle(trained(path, *words), LIMIT) for _ in range(2))
    assert msgspec.structs.replace(before.manifest, created=None) == msgspec.structs.replace(
        after.manifest, created=None
    )
    assert {name: before.read(name) for name in before.manifest.members} == {
        name: after.read(name) for name in after.manifest.members
    }
    assert before.manifest.data is not None
    assert before.manifest.data.rows == 400


def csv(folder: Path, **columns: Any) -> Path:
    """Write the table with other columns too, or others instead."""
    path = folder / "parcels.csv"
    table = parcels().drop(columns=["minutes", "band"]).assign(**columns)
    table.to_csv(path, index=False)
    return path


WARNED: dict[str, tuple[dict[str, Any], str]] = {
    "constant": ({"planet": "Earth"}, "'planet' is left out: it has the same value in every row"),
    "nothing": ({"notes": np.nan}, "'notes' is left out: all its values are missing"),
    "mixed": ({"floor": ["attic", *map(str, range(399))]}, "'attic' is not"),
    "leaking": ({"delay": lambda t: (t["late"] == "late") * 500 + t.index}, "'delay' alone predicts 'late'"),
    "infinite": ({"rate": [np.inf, *np.linspace(0, 1, 399)]}, "'rate': 1 values are infinite"),
    "no target": (
        {"late": lambda t: t["late"].where(t.index > 9)},
        "10 rows in which 'late' is missing or infinite are left out",
    ),
    "no name": ({"Unnamed: 0": range(400)}, "it has no name"),
    "a name in quotes": ({'size "L"': range(400)}, "its name"),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_is_odd_is_warned_of(tmp_path: Path, case: str) -> None:
    """The training goes on without it, or with it."""
    columns, warning = WARNED[case]
    result, out = train(csv(tmp_path, **columns), "--target", "late")
    assert result.exit_code == 0, result.stderr
    assert warning in result.stderr
    assert load(out.read_bytes(), None, LIMIT).manifest.name == "parcels"


def test_ten_thousand_categories_are_warned_of(tmp_path: Path) -> None:
    """The frequent ones are categories; others are predicted like unknown ones."""
    table = pd.concat([parcels(11_000)] * 2, ignore_index=True)
    table["shop"] = [*(f"shop {i}" for i in range(10_000)), *(f"chain {i % 20}" for i in range(12_000))]
    table["serial"] = [f"number {i}" for i in range(22_000)]
    path = tmp_path / "parcels.csv"
    table.to_csv(path, index=False)
    result, out = train(path, "--target", "late", "--features", "stops,shop,serial")
    assert result.exit_code == 0, result.stderr
    assert "'shop': the 20 most frequent of 10,020 distinct values are categories" in result.stderr
    assert "'serial' is left out: it has 22,000 distinct values" in result.stderr
    stops, shop = load(out.read_bytes(), None, LIMIT).manifest.features
    assert (stops.name, shop.name) == ("stops", "shop")
    assert len(shop.categories or ()) == 20
    assert (shop.unknown, shop.nullable) == ("open", False)


def test_a_class_may_be_called_na(tmp_path: Path) -> None:
    """Three classes stay three; the remark names the option that makes two of them."""
    path = tmp_path / "parcels.csv"
    table = parcels().drop(columns=["minutes", "late"])
    table.assign(band=table["band"].replace("short", "NA")).to_csv(path, index=False)
    result, out = train(path, "--target", "band")
    assert result.exit_code == 0, result.stderr
    assert read_bundle(out.read_bytes(), LIMIT).manifest.classes == ("NA", "long", "middle")
    assert "the target 'band': 'NA' is a value like any other" in result.stderr
    result, out = train(path, "--target", "band", "--missing", "NA")
    assert result.exit_code == 0, result.stderr
    assert read_bundle(out.read_bytes(), LIMIT).manifest.classes == ("long", "middle")
    assert "rows in which 'band' is missing or infinite are left out" in result.stderr


def test_the_threshold_and_the_baseline_are_shown(tmp_path: Path) -> None:
    """The number that a rule chose, with the rule, and what always predicting the same would reach."""
    result, out = train(written_for(tmp_path, "late"), "--target", "late", "--threshold", "f1")
    assert result.exit_code == 0, result.stderr
    threshold = read_bundle(out.read_bytes(), LIMIT).manifest.threshold
    printed = " ".join(result.stdout.replace("│", " ").split())
    assert f"threshold {threshold:.4g} (f1, chosen by 3-fold" in printed
    assert "(always the most frequent class: 0.5000)" in printed


def test_a_table_in_latin_1_is_trained_on(tmp_path: Path) -> None:
    """The year is a feature, and its name has kept its tilde."""
    table = parcels().rename(columns={"month": "AÑO"})
    path = tmp_path / "parcels.csv"
    path.write_bytes(table.to_csv(index=False).encode("latin-1"))
    result, out = train(path, "--target", "late", "--features", "AÑO,city,stops")
    assert result.exit_code == 0, result.stderr
    assert "Latin-1" in result.stderr
    year, city, _ = load(out.read_bytes(), None, LIMIT).manifest.features
    assert year.name == "AÑO"
    assert "São Paulo" in (city.categories or ())


FAILURES: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "an unknown target": ({}, ["--target", "lat"], "no column 'lat'; its columns are city, weight"),
    "unknown features": ({}, ["--target", "late", "--features", "city,town"], "no column 'town'"),
    "the target as a feature": ({}, ["--target", "late", "--features", "city,late"], "can't also be a feature"),
    "a feature twice": ({}, ["--target", "late", "--features", "city,city"], "duplicate names ('city')"),
    "categories of no feature": (
        {},
        ["--target", "late", "--features", "city", "--categorical", "month"],
        "'month', which is not a feature",
    ),
    "a constant target": ({"late": "late"}, ["--target", "late"], "'late' in every row"),
    "a target without a value": ({"late": np.nan}, ["--target", "late"], "all values of the target 'late' are missing"),
    "a class of one row": ({"late": ["x", *["y"] * 399]}, ["--target", "late"], "'x' 1"),
    "another task": ({}, ["--target", "late", "--task", "regression"], "is not numeric"),
    "two classes as many": ({}, ["--target", "late", "--task", "multiclass"], "--task binary"),
    "no features": (
        {"planet": "Earth"},
        ["--target", "late", "--features", "planet"],
        "'planet': it has the same value in every row",
    ),
    "numbers that are not": (
        {"weight": ["n/k", *map(str, range(399))]},
        ["--target", "weight", "--task", "regression"],
        """but 'n/k' is not: used as text (--missing "n/k" or --kind weight=number""",
    ),
    "a kind of no column": ({}, ["--target", "late", "--kind", "town=text"], "no column 'town'"),
    "the target dropped": ({}, ["--target", "late", "--kind", "late=drop"], "is the target and can't be dropped"),
    "an estimator of another task": ({}, ["--target", "weight", "--estimator", "logistic-regression"], "ridge"),
    "a threshold of values": ({}, ["--target", "weight", "--threshold", "f1"], "--threshold f1 needs a binary task"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_can_not_be_is_an_error(tmp_path: Path, case: str) -> None:
    """A message, exit code 1, and no bundle."""
    columns, options, reason = FAILURES[case]
    result, out = train(csv(tmp_path, **columns), *options)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert "Traceback" not in result.stderr
    assert not out.exists()


BAD_FILES = {
    "empty": (b"", "is empty"),
    "few rows": (b"a,y\n" + b"1,0\n2,1\n" * 5, "the table has 10 rows"),
    "duplicates": (b"a,a,y\n1,2,3\n", "duplicate column names ('a')"),
    "neither": (b"\x00\x01\x02", "neither CSV"),
    "the target alone": (b"y\n" + b"0\n1\n" * 30, "no usable feature to predict 'y' from"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_an_error(tmp_path: Path, case: str) -> None:
    """With its name and the problem."""
    content, reason = BAD_FILES[case]
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    result, _ = train(path, "--target", "y")
    assert result.exit_code == 1
    assert reason in result.stderr


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Named."""
    result, _ = train(tmp_path / "none.csv", "--target", "y")
    assert result.exit_code == 1
    assert "none.csv can't be read" in result.stderr


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--data", "x.csv"], "--data needs --target"),
        (["--target", "late"], "--target can only be used with --data"),
        (["--features", "a", "--task", "binary"], "--features, --task can only be used with --data"),
        (["--data", "x.csv", "--target", "y", "--preset", "full"], "--preset can't be used with --data"),
        (["--dataset", "scl", "--preset", "full", "--data", "x.csv"], "--preset can't be used with --data"),
        (["--dataset", "scl"], "--dataset scl needs --data"),
        (["--dataset", "scl", "--data", "x.csv", "--target", "y"], "can only be used with --data, and without"),
        (["--dataset", "flights", "--data", "x.csv"], "can't be used with --data"),
        (["--data", "x.csv", "--target", "y", "--task", "clustering"], "regression"),
        (["--kind", "a=text", "--missing", "NA"], "--kind, --missing can only be used with --data"),
        (["--data", "x.csv", "--target", "y", "--kind", "a=time"], "must be COLUMN=KIND with one of the kinds number"),
        (["--data", "x.csv", "--target", "y", "--kind", "text"], "must be COLUMN=KIND"),
        (["--data", "x.csv", "--target", "y", "--decimal", ";"], 'must be "." or ","'),
    ],
)
def test_options_that_can_not_be_combined_are_refused(options: list[str], reason: str) -> None:
    """With exit code 2, before anything is read."""
    result = run("train", *options)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.replace("│", " ").split())
