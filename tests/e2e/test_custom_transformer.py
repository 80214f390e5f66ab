"""A transformer of one's own: in `function/model/custom.py` it is served, from anywhere else refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.function_process import ROOT, FunctionProcess

CUSTOM = '''
"""Transformers of our own."""

from sklearn.base import BaseEstimator, TransformerMixin


class Doubler(TransformerMixin, BaseEstimator):
    """Doubles every number."""

    def fit(self, X, y=None):
        """Learn the columns."""
        self.medians_ = X.median()
        return self

    def transform(self, X):
        """Return twice of it."""
        return X.fillna(self.medians_) * 2


def with_ratio(table):
    """Add a column, which needs a DataFrame."""
    return table.assign(ratio=table["a"] / 2)
'''
FIT = """
import joblib, pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from {module} import Doubler

X = pd.DataFrame({{"a": [1.0, 2.0, 4.0]}})
joblib.dump(make_pipeline(Doubler(), LinearRegression()).fit(X, [2.0, 4.0, 8.0]), "model.joblib")
X.to_csv("sample.csv", index=False)
"""


NOTEBOOK = (
    CUSTOM
    + """
import joblib, pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

X = pd.DataFrame({"a": [1.0, 2.0, 4.0]})
model = make_pipeline(FunctionTransformer(with_ratio), Doubler(), LinearRegression()).fit(X, [2.0, 4.0, 8.0])
joblib.dump(model, "model.joblib")
X.to_csv("sample.csv", index=False)
"""
)


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """A fork of the project with a file more."""
    for name in ("function", "model_training"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", tmp_path)
    (tmp_path / "function" / "model" / "custom.py").write_text(CUSTOM)
    (tmp_path / "elsewhere.py").write_text(CUSTOM)
    return tmp_path


def run(fork: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the fork."""
    return subprocess.run([sys.executable, *words], cwd=fork, capture_output=True, text=True, check=False)


def test_a_transformer_in_its_place_is_packed_and_served(fork: Path) -> None:
    """By scikit-learn, and `pack` says why."""
    assert run(fork, "-c", FIT.format(module="function.model.custom")).returncode == 0
    packed = run(fork, "-m", "model_training", "pack", "model.joblib", "--data", "sample.csv", "--out", "model.zip")
    assert packed.returncode == 0, packed.stderr
    assert "cannot be compiled" in " ".join(packed.stdout.replace("│", " ").split())
    # The environment of the tests has this project installed, which comes before the source.
    environment = {"MODEL_URI": "model.zip", "PYTHONPATH": str(fork)}
    with FunctionProcess(environment, source=fork) as function:
        answer = function.client.post("/predict", json={"instances": [{"a": 3}]}).json()
        assert answer["predictions"] == [pytest.approx(6.0)]
        assert function.client.get("/model").json()["engine"] == "sklearn"


def test_a_transformer_from_elsewhere_is_refused(fork: Path) -> None:
    """By `pack`, as the function would."""
    assert run(fork, "-c", FIT.format(module="elsewhere")).returncode == 0
    packed = run(fork, "-m", "model_training", "pack", "model.joblib", "--data", "sample.csv")
    assert packed.returncode == 1
    assert "names elsewhere.Doubler, which is not on the list" in packed.stderr


def test_a_model_of_a_notebook_finds_its_code_in_its_place(fork: Path) -> None:
    """Fitted in `__main__`, packed with `--trust` after its class and function moved; a function gets a DataFrame."""
    assert run(fork, "-c", NOTEBOOK).returncode == 0
    words = ["-m", "model_training", "pack", "model.joblib", "--data", "sample.csv", "--out", "model.zip"]
    refused = run(fork, *words)
    assert refused.returncode == 1
    assert "names __main__.with_ratio, which is not on the list" in " ".join(refused.stderr.split())
    packed = run(fork, *words, "--trust")
    assert packed.returncode == 0, packed.stderr
    environment = {"MODEL_URI": "model.zip", "PYTHONPATH": str(fork)}
    with FunctionProcess(environment, source=fork) as function:
        answer = function.client.post("/predict", json={"instances": [{"a": 3}]}).json()
        assert answer["predictions"] == [pytest.approx(6.0)]


def test_a_bare_model_with_a_function_of_its_place_is_served(fork: Path) -> None:
    """Uploaded as it is."""
    fit = NOTEBOOK.replace(CUSTOM, "from function.model.custom import Doubler, with_ratio\n")
    assert run(fork, "-c", fit).returncode == 0
    environment = {"MODEL_URI": "model.joblib", "PYTHONPATH": str(fork)}
    with FunctionProcess(environment, source=fork) as function:
        answer = function.client.post("/predict", json={"instances": [{"a": 3}]}).json()
        assert answer["predictions"] == [pytest.approx(6.0)]
