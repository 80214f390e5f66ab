"""`pack --trust` loads your own file, and writes a bundle that the function's allow-list lets pass."""

import shutil
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from function.model.bundle import JOBLIB, PLAN, read_bundle
from function.model.joblib.unpickle import unpickle
from function.model.loaded import load
from tests.support.commands import run
from tests.support.function_process import ROOT

LIMIT = 100_000_000
CHANCE = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "city": CHANCE.choice(["Lima", "Quito"], 120),
        "weight": CHANCE.normal(size=120).round(3),
        "stops": CHANCE.integers(1, 5, 120),
    }
)
TABLE["late"] = np.where(TABLE["weight"] + TABLE["stops"] > 2, "late", "early")


@pytest.fixture
def notebook(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with a model that was fitted in a `__main__` of its own."""
    shutil.copy(ROOT / "tests/support/notebook.py", tmp_path)
    TABLE.to_csv(tmp_path / "sample.csv", index=False)
    subprocess.run([sys.executable, "notebook.py", request.param], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


@pytest.mark.parametrize(
    "notebook", ["scorer", "selector", "mask", "importance", "inner search", "memory"], indirect=True
)
def test_a_model_of_a_notebook_is_packed(notebook: Path) -> None:
    """The bundle predicts the same, and its joblib file passes the allow-list."""
    out = notebook / "model.zip"
    sample = ["--data", notebook / "sample.csv", "--target", "late", "--out", out, "--trust"]
    result = run("pack", notebook / "model.joblib", *sample)
    assert result.exit_code == 0, result.stderr
    data = out.read_bytes()
    model = unpickle(read_bundle(data, LIMIT).read(JOBLIB), LIMIT).object
    expected = joblib.load(notebook / "expected")
    assert model.predict(TABLE.drop(columns="late")).tolist() == expected
    live = load(data, None, LIMIT)
    names = [feature.name for feature in live.manifest.features]
    rows = live.schema.golden_columns(TABLE[names].to_numpy(dtype=object).tolist())
    assert live.predict_columns(rows).labels.tolist() == expected


@pytest.mark.parametrize("notebook", ["scorer", "importance", "function"], indirect=True)
def test_without_trust_the_refusal_names_the_way(notebook: Path) -> None:
    """It says which name, and what to do."""
    result = run("pack", notebook / "model.joblib", "--data", notebook / "sample.csv")
    assert result.exit_code == 1
    assert "`taxiway pack --trust`" in " ".join(result.stderr.split())


@pytest.mark.parametrize("notebook", ["function"], indirect=True)
def test_what_predictions_need_is_named(notebook: Path) -> None:
    """With the place to which it has to move."""
    result = run("pack", notebook / "model.joblib", "--data", notebook / "sample.csv", "--trust")
    assert result.exit_code == 1
    reason = " ".join(result.stderr.split())
    assert "the model needs __main__.doubled to predict: move it to function/model/custom.py" in reason


def test_a_model_that_needs_nothing_stays_as_it_is(tmp_path: Path) -> None:
    """Without the option, too."""
    X = TABLE.drop(columns="late")
    model = make_pipeline(
        make_column_transformer((StandardScaler(), ["weight"]), (OneHotEncoder(), ["city"])), LogisticRegression()
    ).fit(X, TABLE["late"])
    joblib.dump(model, tmp_path / "model.joblib")
    TABLE.to_csv(tmp_path / "sample.csv", index=False)
    plans = set()
    for options in ([], ["--trust"]):
        sample = ["--data", tmp_path / "sample.csv", "--out", tmp_path / "model.zip"]
        assert run("pack", tmp_path / "model.joblib", *sample, *options).exit_code == 0
        plans.add(read_bundle((tmp_path / "model.zip").read_bytes(), LIMIT).read(PLAN))
    assert len(plans) == 1


def test_what_the_function_would_refuse_is_refused(tmp_path: Path) -> None:
    """A distance that is a function: scikit-learn must serve it, and the allow-list refuses the function."""
    (tmp_path / "distances.py").write_text("def distance(a, b):\n    return abs(a - b).sum()\n")
    fit = (
        "import joblib, numpy as np; from sklearn.neighbors import KNeighborsClassifier;"
        "from distances import distance;"
        "X = np.arange(40.0).reshape(20, 2); joblib.dump(KNeighborsClassifier(3, metric=distance).fit(X, X[:, 0] > 9),"
        "'model.joblib'); np.savetxt('sample.csv', X, delimiter=',', header='a,b', comments='')"
    )
    subprocess.run([sys.executable, "-c", fit], cwd=tmp_path, check=True)
    words = [sys.executable, "-m", "model_training", "pack", "model.joblib", "--data", "sample.csv", "--trust"]
    paths = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(words, cwd=tmp_path, env=paths, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "distances.distance, which is not on the list" in " ".join(result.stderr.split())
