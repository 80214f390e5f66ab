"""Dates of a table: trained on, served, scored and explained, from CSV and Parquet alike."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import joblib
import msgspec
import numpy as np
import pandas as pd
import pytest

from function.inference.explanation import explain_rows
from function.model.bundle import JOBLIB, read_bundle
from function.model.loaded import LoadedModel, load
from function.model.schema import Columns
from tests.support.commands import run
from tests.support.function_process import FunctionProcess

LIMIT = 100_000_000
ROWS = 1200
BERLIN = "2024-05-01T10:30:00+02:00"
UTC = "2024-05-01T08:30:00Z"


def orders(seed: int = 0) -> pd.DataFrame:
    """Make orders that are late in the evening, and in December; some were never paid."""
    chance = np.random.default_rng(seed)
    ordered = pd.Timestamp("2023-01-01") + pd.to_timedelta(chance.integers(0, 600 * 86_400, ROWS), unit="s")
    paid = (ordered + pd.to_timedelta(chance.integers(0, 20, ROWS), unit="D")).normalize()
    table = pd.DataFrame({"ordered": ordered, "paid": paid, "price": chance.gamma(2.0, size=ROWS).round(2)})
    score = 2.0 * (table["ordered"].dt.hour > 17) + 3.0 * (table["ordered"].dt.month == 12) + 0.3 * table["price"]
    table["late"] = np.where(score + chance.normal(0, 0.5, ROWS) > 1.6, "late", "on time")
    table["paid"] = table["paid"].where(chance.random(ROWS) > 0.2)
    return table


def written(table: pd.DataFrame, path: Path) -> Path:
    """Write the table with the types of a database, or as the text of Germany with its zone."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        ordered, paid = table["ordered"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"), table["paid"].dt.strftime("%d.%m.%Y")
        table.assign(ordered=ordered, paid=paid).to_csv(path, index=False)
    return path


def train(path: Path, *words: object) -> tuple[bytes, str]:
    """Train; return the bundle, and what was printed."""
    out = path.parent / f"{path.suffix[1:]}.zip"
    done = run("train", "--data", path, "--target", "late", "--out", out, *words)
    assert done.exit_code == 0, done.stderr
    return out.read_bytes(), done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table in both formats, trained on: csv.zip, parquet.zip and trees.zip."""
    made = tmp_path_factory.mktemp("orders")
    for kind in ("csv", "parquet"):
        train(written(orders(), made / f"orders.{kind}"))
    trees, _ = train(made / "orders.csv", "--estimator", "hist-gradient-boosting")
    (made / "trees.zip").write_bytes(trees)
    train(made / "orders.csv")
    return made


def loaded(folder: Path, name: str) -> LoadedModel:
    """Load a bundle as the function does."""
    return load((folder / name).read_bytes(), None, LIMIT)


def columns(model: LoadedModel, *rows: tuple[Any, ...]) -> Columns:
    """Decode rows as the function does."""
    named = [dict(zip(model.schema.names, row, strict=True)) for row in rows]
    return model.schema.columns(msgspec.convert(named, list[model.schema.Row]))  # type: ignore[name-defined]


def test_csv_and_parquet_give_the_same_model(folder: Path) -> None:
    """The same features, the same golden rows, bitwise the same plan."""
    csv, parquet = (read_bundle((folder / name).read_bytes(), LIMIT) for name in ("csv.zip", "parquet.zip"))
    assert csv.manifest.features == parquet.manifest.features
    assert csv.manifest.golden == parquet.manifest.golden
    assert csv.read("plan.json") == parquet.read("plan.json")
    ordered, paid, _ = csv.manifest.features
    assert (ordered.type, ordered.format, ordered.nullable) == ("string", "date-time", False)
    assert (paid.type, paid.format, paid.nullable) == ("string", "date", True)
    assert str(ordered.typical)[::19] == "2Z"
    assert len(str(paid.typical)) == len("2023-10-01")


def test_the_table_of_columns_says_what_becomes_of_them(tmp_path: Path) -> None:
    """And the report too."""
    _, printed = train(written(orders(), tmp_path / "orders.csv"))
    shown = " ".join(printed.replace("│", " ").split())
    assert "ordered date: year, month, weekday, hour, days" in shown
    assert "paid date, day.month.year: year, month, weekday, days" in shown
    report = json.loads((tmp_path / "csv.report.json").read_text())
    assert report["columns"][1]["use"] == "date, day.month.year: year, month, weekday, days"


@pytest.mark.parametrize("name", ["csv.zip", "trees.zip"])
def test_every_row_is_predicted_as_the_pipeline_does(folder: Path, name: str) -> None:
    """By the plan, bit by bit for linear models and trees alike; and by scikit-learn from the bundle's own pipeline."""
    model, bundle = loaded(folder, name), read_bundle((folder / name).read_bytes(), LIMIT)
    assert model.engine.name != "sklearn"
    pipeline = joblib.load(io.BytesIO(bundle.read(JOBLIB)))
    table = orders(seed=1).astype({"ordered": "datetime64[s]", "paid": "datetime64[s]"})
    rows = [
        (f"{ordered.isoformat()}Z", None if pd.isna(paid) else str(paid.date()), price)
        for ordered, paid, price in zip(table["ordered"], table["paid"], table["price"], strict=True)
    ]
    expected = pipeline.predict_proba(table[["ordered", "paid", "price"]])
    found = model.predict_columns(columns(model, *rows)).probabilities
    assert found is not None
    assert np.abs(found - expected).max() <= 1e-14


def test_a_zone_is_converted(folder: Path) -> None:
    """The same instant, written in two ways, is the same."""
    model = loaded(folder, "csv.zip")
    found = model.predict_columns(columns(model, (UTC, None, 1.0), (BERLIN, None, 1.0))).probabilities
    assert found is not None
    assert found[0].tolist() == found[1].tolist()


@pytest.mark.parametrize("name", ["csv.zip", "trees.zip"])
def test_an_explanation_is_about_the_whole_date(folder: Path, name: str) -> None:
    """All its parts together; for linear models they add up to the prediction."""
    model = loaded(folder, name)
    read = columns(model, ("2023-12-24T20:00:00Z", "2024-01-03", 1.0))
    outputs = model.predict_columns(read)
    explanation = explain_rows(model, read, (), outputs)
    assert list(explanation.contributions) == ["ordered", "paid", "price"]
    assert abs(explanation.contributions["ordered"][0]) > 5 * abs(explanation.contributions["paid"][0])
    if explanation.method == "linear":
        assert outputs.probabilities is not None
        odds = explanation.baseline[0] + sum(part[0] for part in explanation.contributions.values())
        assert 1 / (1 + np.exp(-odds)) == pytest.approx(outputs.probabilities[0, 1], abs=1e-12)


def test_dates_can_be_dropped_or_named(tmp_path: Path) -> None:
    """For all columns, with one that is kept; and a remark says how."""
    path = written(orders(), tmp_path / "orders.csv")
    data, printed = train(path, "--dates", "drop", "--kind", "paid=date")
    assert [feature.name for feature in read_bundle(data, LIMIT).manifest.features] == ["paid", "price"]
    assert "'ordered' is left out: --dates drop leaves dates out (--kind ordered=date keeps it)" in printed


def test_the_order_that_cannot_be_told_is_an_option(tmp_path: Path) -> None:
    """It is shown with both readings, and the model remembers it."""
    path, day = tmp_path / "orders.csv", pd.date_range("2024-01-01", periods=12, freq="MS")
    table = pd.DataFrame({"day": [*(day + pd.Timedelta(4, "D")).strftime("%m/%d/%Y")] * 9, "late": ["a", "b"] * 54})
    table.to_csv(path, index=False)
    data, printed = train(path)
    assert "'01/05/2024' is read as 2024-01-05 (--date-order day reads it as 2024-05-01)" in printed
    assert str(read_bundle(data, LIMIT).manifest.features[0].typical)[-3:] == "-05"
    data, printed = train(path, "--date-order", "day")
    assert "is read as 2024" not in printed
    assert str(read_bundle(data, LIMIT).manifest.features[0].typical)[:8] == "2024-05-"
    out = tmp_path / "out.csv"
    assert run("score", "--data", path, "--model", tmp_path / "csv.zip", "--out", out).exit_code == 0
    expected = load(data, None, LIMIT)
    probability = expected.predict_columns(columns(expected, ("2024-05-01",))).probabilities
    assert probability is not None
    assert pd.read_csv(out)["probability"][0] == probability[0, 1]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_scores_itself(folder: Path, kind: str) -> None:
    """In either format, whichever the model was trained on, with the numbers of the pipeline."""
    scored = {}
    for trained in ("csv.zip", "parquet.zip"):
        out = folder / f"{kind}-{trained}.scored.csv"
        done = run("score", "--data", folder / f"orders.{kind}", "--model", folder / trained, "--out", out)
        assert done.exit_code == 0, done.stderr
        scored[trained] = pd.read_csv(out)["probability"].tolist()
    model = joblib.load(io.BytesIO(read_bundle((folder / "csv.zip").read_bytes(), LIMIT).read(JOBLIB)))
    table = orders().astype({"ordered": "datetime64[s]", "paid": "datetime64[s]"})
    expected = model.predict_proba(table[["ordered", "paid", "price"]])[:, 1]
    assert scored["csv.zip"] == scored["parquet.zip"]
    assert np.abs(np.array(scored["csv.zip"]) - expected).max() <= 1e-14


def test_score_names_the_line_of_what_is_no_date(folder: Path) -> None:
    """And says what is allowed."""
    table = orders().head(3).assign(ordered=[UTC, "yesterday", UTC], paid="2024-05-01")
    table.to_csv(folder / "strange.csv", index=False)
    done = run("score", "--data", folder / "strange.csv", "--model", folder / "csv.zip", "--out", folder / "o.csv")
    assert done.exit_code == 1
    assert "line 3, ordered: expected a date of the calendar, with a time or without" in done.stderr


@pytest.fixture(scope="module")
def served(folder: Path) -> Any:
    """A function that serves the model of the CSV file."""
    with FunctionProcess({"MODEL_URI": str(folder / "csv.zip")}) as running:
        yield running


ROW = {"ordered": UTC, "paid": "2024-05-03", "price": 1.5}


def test_every_protocol_takes_text(served: FunctionProcess) -> None:
    """Rows, V2's BYTES, and the text of BigQuery give the same number."""
    client = served.client
    body = {"instances": [ROW], "parameters": {"output": "probability"}}
    (expected,) = client.post("/predict", json=body).json()["predictions"]
    tensors = [
        {"name": name, "shape": [1], "datatype": "FP64" if name == "price" else "BYTES", "data": [value]}
        for name, value in ROW.items()
    ]
    outputs = client.post("/v2/models/orders/infer", json={"inputs": tensors}).json()["outputs"]
    assert outputs[1]["data"][1] == expected
    assert client.post("/bigquery", json={"calls": [[*ROW.values()]]}).json()["replies"] == [expected]
    inputs = client.get("/v2/models/orders").json()["inputs"]
    assert [each["datatype"] for each in inputs] == ["BYTES", "BYTES", "FP64"]


FAULTS: dict[str, tuple[str, Any]] = {
    "a day that does not exist": ("paid", "2023-02-29"),
    "a time where there is none": ("paid", "2024-05-03T10:00:00Z"),
    "another notation": ("paid", "03.05.2024"),
    "a number": ("ordered", 1714552200),
    "null where no date was missing": ("ordered", None),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_no_date_is_refused(served: FunctionProcess, case: str) -> None:
    """With the field, and what is allowed; by BigQuery's reading too, which takes numbers as text."""
    name, value = FAULTS[case]
    answer = served.client.post("/predict", json={"instances": [{**ROW, name: value}]})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == ["body", "instances", 0, name]
    assert detail["msg"].startswith("expected a date of the calendar")
    asked = served.client.post("/bigquery", json={"calls": [[*{**ROW, name: value}.values()]]})
    assert asked.status_code == httpx.codes.BAD_REQUEST


def test_the_api_documentation_has_the_format(served: FunctionProcess) -> None:
    """Of JSON Schema, and examples that work."""
    row = served.client.get("/openapi.json").json()["components"]["schemas"]["Row"]["properties"]
    assert row["ordered"] == {"type": "string", "format": "date-time"}
    assert row["paid"] == {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None}


def test_scikit_learn_serves_dates_too(folder: Path, tmp_path: Path) -> None:
    """From a bundle without a plan, and from the bare joblib file."""
    bundle = read_bundle((folder / "csv.zip").read_bytes(), LIMIT)
    (tmp_path / "model.joblib").write_bytes(bundle.read(JOBLIB))
    bare = load(bundle.read(JOBLIB), None, LIMIT)
    planned = loaded(folder, "csv.zip")
    rows = [(UTC, None, 1.0), (BERLIN, "2024-05-03", 2.0)]
    expected = planned.predict_columns(columns(planned, *rows)).probabilities
    found = bare.predict_columns(columns(bare, *rows)).probabilities
    assert expected is not None
    assert found is not None
    assert np.abs(found - expected).max() <= 1e-14
    sample = written(orders(), tmp_path / "sample.parquet")
    packed = tmp_path / "packed.zip"
    done = run("pack", tmp_path / "model.joblib", "--data", sample, "--target", "late", "--out", packed)
    assert done.exit_code == 0, done.stderr
    again = load(packed.read_bytes(), None, LIMIT)
    described = [[(each.name, each.format, each.encoded) for each in m.manifest.features] for m in (again, planned)]
    assert described[0] == described[1]
    assert again.engine.name == "linear"
