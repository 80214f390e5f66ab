"""`score`: a table's rows, predicted offline as the service predicts them."""

import csv
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from google.cloud import storage

from function.model.bundle import read_bundle
from tests.support.commands import run
from tests.support.function_process import ROOT, FunctionProcess
from tests.support.packed_models import instances_of
from tests.support.tables import TASKS, parcels, written_for

ROWS, SAMPLE = 1_000_000, 1_000
GIGABYTE = 2**30
MEASURED = """
import resource, subprocess, sys

code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Runs a command and prints the most memory that it had: kilobytes on Linux, bytes on macOS."""


def flights(bundle: Path, number: int) -> list[dict[str, Any]]:
    """Make rows of every category."""
    chance = random.Random(1)  # noqa: S311 (no secret)
    features = read_bundle(bundle.read_bytes(), GIGABYTE).manifest.features
    return [{each.name: chance.choice(each.categories or ()) for each in features} for _ in range(number)]


def table(path: Path, rows: list[dict[str, Any]], times: int = 1) -> Path:
    """Write rows as CSV, so many times over, behind a number of their own."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["flight number", *rows[0]])
        for time in range(times):
            writer.writerows([time * len(rows) + number, *row.values()] for number, row in enumerate(rows))
    return path


def test_a_million_rows_stay_below_a_gigabyte_and_are_the_service_s(bundle_path: Path, tmp_path: Path) -> None:
    """A sample of them is posted to a running function: the same labels and probabilities."""
    rows = flights(bundle_path, SAMPLE)
    data, out = table(tmp_path / "in.csv", rows, ROWS // SAMPLE), tmp_path / "out.csv"
    words = [sys.executable, "-m", "model_training", "score", "--data", data, "--out", out, "--model", bundle_path]
    command = [sys.executable, "-c", MEASURED, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    *printed, used = done.stdout.splitlines()
    assert "1,000,000 rows" in " ".join(printed)
    assert int(used) * (1 if sys.platform == "darwin" else 1024) < GIGABYTE
    scored = pd.read_csv(out)
    assert scored["flight number"].tolist() == list(range(ROWS))
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as function:
        for output, column in (("label", "prediction"), ("probability", "probability")):
            body = {"instances": rows, "parameters": {"output": output}}
            served = httpx.post(f"{function.url}/predict", json=body).raise_for_status().json()["predictions"]
            assert scored[column][-SAMPLE:].tolist() == pytest.approx(served, abs=1e-6)


@pytest.mark.parametrize(("target", "task"), TASKS.items())
def test_every_task_with_cells_that_are_missing(tmp_path: Path, target: str, task: str) -> None:
    """An empty cell is the service's null; the answers' columns are the task's, with the service's numbers."""
    data, bundle, out = written_for(tmp_path, target), tmp_path / "model.zip", tmp_path / "out.csv"
    trained = run("train", "--data", data, "--target", target, "--out", bundle)
    assert trained.exit_code == 0, trained.stderr
    done = run("score", "--data", data, "--out", out, "--model", bundle)
    assert done.exit_code == 0, done.stderr
    before, scored = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (data, out))
    added = {
        "binary": ["prediction", "probability"],
        "multiclass": ["prediction", "probability_long", "probability_middle", "probability_short"],
        "regression": ["prediction"],
    }[task]
    assert scored.columns.tolist() == [*before, *added]
    pd.testing.assert_frame_equal(scored[before.columns], before)
    read = pd.read_csv(out)
    rows = instances_of(read[["city", "weight", "stops", "month", "fragile"]])
    with FunctionProcess({"MODEL_URI": str(bundle)}) as function:

        def served(output: str) -> Any:
            body = {"instances": rows, "parameters": {"output": output}}
            return httpx.post(f"{function.url}/predict", json=body).raise_for_status().json()["predictions"]

        if task == "regression":
            assert read["prediction"].tolist() == pytest.approx(served("label"), rel=1e-6)
        else:
            assert read["prediction"].tolist() == served("label")
            numbers = read[added[1:]].to_numpy()
            every = np.array(
                [list(each.values()) if isinstance(each, dict) else each for each in served("probability")]
            )
            assert numbers.ravel() == pytest.approx(every.ravel(), abs=1e-6)


def test_what_python_alone_takes_for_a_number_is_refused(tmp_path: Path) -> None:
    """As the service refuses it: digits with underscores, and true."""
    data, bundle = written_for(tmp_path, "minutes"), tmp_path / "model.zip"
    assert run("train", "--data", data, "--target", "minutes", "--out", bundle).exit_code == 0
    row = pd.DataFrame({"city": ["Lima"], "weight": [1.5], "stops": [True], "month": [7], "fragile": [False]})
    row.to_parquet(tmp_path / "in.parquet")
    row.assign(stops="1_000").to_csv(tmp_path / "in.csv", index=False)
    for name, words in (("in.parquet", "row 1, stops: expected "), ("in.csv", "line 2, stops: expected ")):
        result = run("score", "--data", tmp_path / name, "--out", "-", "--model", bundle)
        assert (result.exit_code, words in result.stderr) == (1, True)


NOTATIONS: dict[str, tuple[list[str], list[str], list[float | None]]] = {
    "a decimal comma": (["1,5", "2,25", "", "1.000,5"], [], [1.5, 2.25, None, 1000.5]),
    "a currency": (["$1.5", "$ 2", "", "$1,000.5"], [], [1.5, 2, None, 1000.5]),
    "a comma that is ambiguous": (["1,500", "2,250", "", "3,000"], [], [1500, 2250, None, 3000]),
    "a comma that is decided": (["1,500", "2,250", "", "3,000"], ["--decimal", ","], [1.5, 2.25, None, 3]),
    "a point that is decided": (["1.500", "250", "", "3.000"], ["--decimal", ","], [1500, 250, None, 3000]),
    "another minus": (["\u22121.5", "2", "", "-3"], [], [-1.5, 2, None, -3]),
    "words": (["1.5", "NA", "?", "2"], ["--missing", "NA,?"], [1.5, None, None, 2]),
}


@pytest.fixture(scope="module")
def parcel_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in which the weight may be missing, and countries include Namibia."""
    folder = tmp_path_factory.mktemp("parcels")
    table = parcels().assign(country=np.resize(["NA", "CH", "DE"], 400))
    table[["country", "weight", "minutes"]].to_csv(folder / "parcels.csv", index=False)
    words = ["--data", folder / "parcels.csv", "--target", "minutes", "--out", folder / "model.zip"]
    assert run("train", *words).exit_code == 0
    return folder / "model.zip"


@pytest.mark.parametrize("address", ["gs://bucket", "s3://bucket/model"])
def test_an_address_of_another_form_is_a_sentence(tmp_path: Path, address: str) -> None:
    """With the forms that an address may have."""
    data = tmp_path / "rows.csv"
    data.write_text("a\n1\n")
    result = run("score", "--data", data, "--out", "-", "--model", address)
    assert result.exit_code in {1, 2}
    assert "gs://BUCKET/OBJECT" in result.stderr


@pytest.mark.parametrize("case", NOTATIONS)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_numbers_are_read_as_in_training(parcel_model: Path, tmp_path: Path, kind: str, case: str) -> None:
    """Each notation gets the predictions of the plain numbers; the notation is reported."""
    weights, options, numbers = NOTATIONS[case]
    plain, written = tmp_path / "plain.csv", tmp_path / f"in.{kind}"
    pd.DataFrame({"country": "DE", "weight": numbers}).to_csv(plain, index=False)
    table = pd.DataFrame({"country": "DE", "weight": weights})
    table.to_csv(written, index=False) if kind == "csv" else table.to_parquet(written)
    outs = [tmp_path / "plain.out.csv", tmp_path / "out.csv"]
    done = [
        run("score", "--data", data, "--out", out, "--model", parcel_model, *more)
        for data, out, more in zip((plain, written), outs, ([], options), strict=True)
    ]
    assert [result.exit_code for result in done] == [0, 0], done[1].stderr
    before, after = (pd.read_csv(out)["prediction"].tolist() for out in outs)
    assert before == after
    assert ("'weight' is read as numbers" in done[1].stderr) == (case not in {"words", "another minus"})


def test_a_cell_in_another_notation_is_refused(parcel_model: Path, tmp_path: Path) -> None:
    """With its line; and NA is a country, but no weight."""
    data = tmp_path / "in.csv"
    for weights, reason in ((["1,5", "2,5", "3.5"], "line 4, weight"), (["1", "NA", "2"], "line 3, weight")):
        pd.DataFrame({"country": "NA", "weight": weights}).to_csv(data, index=False)
        result = run("score", "--data", data, "--out", "-", "--model", parcel_model)
        assert (result.exit_code, reason in result.stderr) == (1, True)


def test_the_notation_is_that_of_the_whole_table(parcel_model: Path, tmp_path: Path) -> None:
    """One cell at its end decides how all are read."""
    data, out = tmp_path / "in.csv", tmp_path / "out.csv"
    pd.DataFrame({"country": "NA", "weight": ["1.234"] * 30_000 + ["1.234,5"]}).to_csv(data, index=False)
    done = run("score", "--data", data, "--out", out, "--model", parcel_model)
    assert done.exit_code == 0, done.stderr
    predictions = pd.read_csv(out)["prediction"]
    pd.DataFrame({"country": "NA", "weight": [1234, 1234.5]}).to_csv(data, index=False)
    assert run("score", "--data", data, "--out", out, "--model", parcel_model).exit_code == 0
    assert predictions.iloc[[0, -1]].tolist() == pd.read_csv(out)["prediction"].tolist()


def test_the_live_model_of_a_bucket(bucket: storage.Bucket, bundle_path: Path, tmp_path: Path) -> None:
    """It is the one that is live now, and gives what the file gives; where there is none, that is said."""
    data = table(tmp_path / "in.csv", flights(bundle_path, 50))
    words = ["score", "--data", data, "--out", "-", "--model"]
    nothing = run(*words, "gs://models/flights")
    assert (nothing.exit_code, "there is no object gs://models/flights" in nothing.stderr) == (1, True)
    bucket.blob("flights").upload_from_filename(bundle_path)
    live, file = run(*words, "gs://models/flights"), run(*words, bundle_path)
    assert (live.exit_code, file.exit_code) == (0, 0)
    assert live.stdout == file.stdout


def test_parquet_and_latin_1_and_standard_output(bundle_path: Path, tmp_path: Path) -> None:
    """The same answers whatever the table is written in."""
    rows = pd.DataFrame(flights(bundle_path, 50)).assign(AÑO="Ñ")
    rows.to_parquet(tmp_path / "in.parquet")
    rows.to_csv(tmp_path / "in.csv", index=False, sep=";", encoding="latin-1")
    printed = [
        run("score", "--data", tmp_path / name, "--out", "-", "--model", bundle_path)
        for name in ("in.parquet", "in.csv")
    ]
    assert [result.exit_code for result in printed] == [0, 0]
    assert printed[0].stdout == printed[1].stdout
    assert printed[0].stdout.splitlines()[0] == "carrier,month,origin,period,AÑO,prediction,probability"
    assert len(printed[0].stdout.splitlines()) == 51


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "carrier,month,origin,period\nUA,7,EWR,evening\nUA,7,ORD,evening\n",
            ["line 3, origin", '"EWR", "JFK", "LGA"'],
        ),
        ("carrier,month,origin,period\nUA,,EWR,evening\n", ["line 2, month", "expected one of"]),
        ("carrier,month,origin,period\nUA,13,EWR,evening\n", ["line 2, month", "expected one of"]),
        (
            'carrier,month,origin,period,note\n\n \nUA,7,EWR,evening,"two\nlines"\nUA,7,ORD,evening,\n',
            ["line 6, origin"],
        ),
        ("carrier,origin,period\nUA,EWR,evening\n", ["lacks the model's columns 'month'"]),
        ("carrier,month,origin,period,prediction\nUA,7,EWR,evening,1\n", ["already has a column 'prediction'"]),
        ("carrier,month,origin,period,origin\nUA,7,EWR,evening,EWR\n", ["duplicate column names ('origin')"]),
        ("carrier,month,origin,period\n", ["a header but no rows"]),
        ("", ["is empty"]),
        ("carrier,month,origin,period\nUA,7,EWR,evening,9,9\n", ["is not a valid CSV file"]),
    ],
)
def test_what_can_t_be_scored_is_said_and_leaves_nothing(
    bundle_path: Path, tmp_path: Path, content: str, words: list[str]
) -> None:
    """The row and the column, and what is allowed there; what was there before stays."""
    data, out = tmp_path / "in.csv", tmp_path / "out.csv"
    data.write_text(content)
    out.write_text("before")
    result = run("score", "--data", data, "--out", out, "--model", bundle_path)
    assert result.exit_code == 1
    for word in words:
        assert word in result.stderr
    assert out.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == [data, out]


def test_other_wrong_options(bundle_path: Path, tmp_path: Path) -> None:
    """A missing table or model, and a table that would be written over."""
    data = table(tmp_path / "in.csv", flights(bundle_path, 2))
    for options, message in (
        (["--data", tmp_path / "none.csv", "--out", "-", "--model", bundle_path], "none.csv can't be read"),
        (["--data", data, "--out", data, "--model", bundle_path], "is the same file as --data"),
        (["--data", data, "--out", "-", "--model", tmp_path / "none.zip"], "there is no file"),
        (["--data", data, "--out", "-", "--model", data], ""),
        (["--data", data, "--out", tmp_path, "--model", bundle_path], "is not a regular file"),
    ):
        result = run("score", *options)
        assert result.exit_code == 1
        assert "Error: " in result.stderr
        assert message in result.stderr


def test_an_address_that_is_none_is_said(bundle_path: Path, tmp_path: Path) -> None:
    """As every command says it, before anything is read."""
    data = table(tmp_path / "in.csv", flights(bundle_path, 2))
    result = run("score", "--data", data, "--out", "-", "--model", "gs://models")
    assert result.exit_code == 2
    assert "Invalid value for '--model'" in result.stderr


def test_no_other_file_is_touched(bundle_path: Path, tmp_path: Path) -> None:
    """Whatever the files beside `--out` are called, the one that is read among them; a link stays a link."""
    data = table(tmp_path / "out.csv.part", flights(bundle_path, 2))
    before = data.read_bytes()
    (tmp_path / "link.csv").symlink_to("out.csv")
    for name in ("out.csv", "link.csv"):
        assert run("score", "--data", data, "--out", tmp_path / name, "--model", bundle_path).exit_code == 0
        assert len((tmp_path / "out.csv").read_text().splitlines()) == 3
    assert data.read_bytes() == before
    assert (tmp_path / "link.csv").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "out.csv", "out.csv.part"]


def test_what_is_no_file_is_left_alone(bundle_path: Path, tmp_path: Path) -> None:
    """A device or a pipe is not replaced by a table."""
    data, pipe = table(tmp_path / "in.csv", flights(bundle_path, 2)), tmp_path / "pipe"
    os.mkfifo(pipe)
    result = run("score", "--data", data, "--out", pipe, "--model", bundle_path)
    assert result.exit_code == 1
    assert "is not a regular file" in result.stderr
    assert pipe.is_fifo()
