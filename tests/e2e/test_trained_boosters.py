"""`train --estimator xgboost|lightgbm|catboost`: what is served, without the library, is what the library predicts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from function.model.bundle import ESTIMATOR, PLAN, read_bundle
from function.model.loaded import load
from model_training.commands.support.sources import TableOptions, table
from model_training.fitting.estimators import EstimatorName, make_estimator
from model_training.fitting.pipeline import pipeline_of
from tests.support.boosters import LIBRARIES, without_libraries
from tests.support.commands import run
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of
from tests.support.tables import written_for

LIMIT = 100_000_000
FILES = {"xgboost": "model.ubj", "lightgbm": "model.txt", "catboost": "model.cbm.json"}
ROWS = 600
KIND = ("--kind", "month=category")


def train(folder: Path, target: str, library: str, *options: str) -> Any:
    """Train on a table of every kind of column."""
    data = written_for(folder, target, rows=ROWS)
    words = ("--data", data, "--target", target, "--estimator", library, "--out", folder / "model.zip")
    return run("train", *words, *options)


def predict(function: FunctionProcess, rows: list[dict[str, Any]], output: str) -> Any:
    """Ask a function."""
    body = json.dumps({"instances": rows, "parameters": {"output": output}})
    response = function.client.post("/predict", content=body)
    assert response.status_code == 200, response.text
    return response.json()["predictions"]


@pytest.mark.parametrize(
    ("library", "target"),
    [
        ("xgboost", "late"), ("xgboost", "minutes"), ("lightgbm", "late"), ("lightgbm", "band"), ("catboost", "band"),
        ("catboost", "minutes"),
    ],
)  # fmt: skip
def test_what_is_served_is_what_the_library_predicts(library: str, target: str, tmp_path: Path) -> None:
    """Every row, with its gaps, and an unknown category; the bundle holds the library's file and the proof."""
    trained = train(tmp_path, target, library, *KIND)
    assert trained.exit_code == 0, trained.output
    bundle = read_bundle((tmp_path / "model.zip").read_bytes(), LIMIT)
    assert {*bundle.manifest.members} - {"report.html"} == {PLAN, ESTIMATOR, FILES[library]}
    assert bundle.manifest.proof
    assert bundle.manifest.proof.edge_rows
    source = table(str(tmp_path / "parcels.csv"), target, TableOptions(target, kind=KIND[1:]))
    data = source.read(lambda file: file)
    fitting, _ = data.split(0)
    model = pipeline_of(data, make_estimator(EstimatorName(library), 0, data.task)).fit(fitting.X, fitting.target)
    rows = data.X.head(300).assign(city=lambda X: X["city"].where(np.arange(len(X)) % 10 != 3, "Atlantis"))
    tolerance = bundle.manifest.proof.tolerance
    path = {"MODEL_URI": str(tmp_path / "model.zip"), "PYTHONPATH": str(without_libraries(tmp_path))}
    with FunctionProcess(path) as function:
        labels = predict(function, instances_of(rows), "label")
        if target == "minutes":
            assert labels == pytest.approx(model.predict(rows).tolist(), rel=tolerance, abs=tolerance)
            return
        assert labels == model.predict(rows).tolist()
        found, wanted = predict(function, instances_of(rows), "probability"), model.predict_proba(rows)
    if target == "band":
        found = [[row[label] for label in model.classes_] for row in found]
    assert np.allclose(found, wanted if target == "band" else wanted[:, 1], rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("estimator", "direction"),
    [("hist-gradient-boosting", "-1"), ("xgboost", "1"), ("lightgbm", "1"), ("catboost", "1"), ("catboost", "-1")],
)
def test_a_monotone_model_never_falls_or_never_rises(estimator: str, direction: str, tmp_path: Path) -> None:
    """With the number that is named, whatever the other features are."""
    trained = train(tmp_path, "late", estimator, *KIND, "--monotone", f"stops={direction}")
    assert trained.exit_code == 0, trained.output
    model = load((tmp_path / "model.zip").read_bytes(), None, LIMIT)
    rows = [
        {"city": city, "weight": weight, "stops": stops, "month": 4, "fragile": True}
        for city in ("Lima", None)
        for weight in (0.1, 3.0)
        for stops in range(9)
    ]
    values = [[row[feature.name] for feature in model.manifest.features] for row in rows]
    probabilities = model.predict_columns(model.schema.golden_columns(values)).probabilities
    assert probabilities is not None
    # The second class is `late`, which more stops make likelier.
    steps = np.diff(probabilities[:, 1].reshape(4, 9), axis=1) * int(direction)
    assert (steps >= 0).all()
    assert direction == "-1" or steps.max() > 0.1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--estimator", "ridge", "--target", "minutes", "--monotone", "stops=1"), "is not supported by ridge: use"),
        (("--estimator", "xgboost", "--target", "late", "--monotone", "city=1"), "'city' is not a number; the numbers"),
        (
            ("--estimator", "lightgbm", "--target", "band", "--monotone", "stops=1"),
            "this is a multiclass task: omit it",
        ),
        (("--estimator", "catboost", "--target", "late", "--params", "depth=30"), "--params: "),
        (("--estimator", "lightgbm", "--target", "late", "--params", "leafs=3"), "lightgbm has no parameter 'leafs'"),
        (
            ("--estimator", "xgboost", "--target", "late", "--params", "booster=gblinear", "--features", "stops"),
            "cannot serve this model: the",
        ),
    ],
)
def test_what_cannot_be_fitted_or_served_is_refused(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """With a sentence that names it, and nothing is written."""
    target = words[words.index("--target") + 1]
    done = run("train", "--data", written_for(tmp_path, target), "--out", tmp_path / "model.zip", *words)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert sentence in " ".join(done.stderr.split())
    assert not (tmp_path / "model.zip").exists()


def test_a_library_that_is_not_installed_is_named_with_what_installs_it(tmp_path: Path) -> None:
    """In one sentence, before anything is fitted."""
    data = written_for(tmp_path, "late")
    words = ["train", "--data", str(data), "--target", "late", "--estimator", "lightgbm"]
    done = subprocess.run(
        [sys.executable, "-m", "model_training", *words, "--out", str(tmp_path / "model.zip")],
        env={"PYTHONPATH": str(without_libraries(tmp_path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "install it with `make .venv/boosters`" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_tune_finds_is_trained(library: str, tmp_path: Path) -> None:
    """The parameters are in the report, with the rounds that early stopping left."""
    data = written_for(tmp_path, "late", rows=ROWS)
    words = ("--data", data, "--target", "late", "--estimator", library)
    tuned = run("tune", *words, "--candidates", 3, "--jobs", 1, "--out", tmp_path / "params.json")
    assert tuned.exit_code == 0, tuned.output
    found = json.loads((tmp_path / "params.json").read_bytes())["estimators"][library]["params"]
    trained = train(tmp_path, "late", library, "--params", str(tmp_path / "params.json"))
    assert trained.exit_code == 0, trained.output
    report = json.loads((tmp_path / "model.report.json").read_bytes())
    assert all(f"{name}={value!r}" in report["estimator"] for name, value in found.items())
    assert "stopped after" in report["estimator"]
