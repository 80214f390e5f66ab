"""Boosters packed and served: the answers are the library's, which the function does not have."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from function.model.bundle import ESTIMATOR, MANIFEST, PLAN, read_bundle
from model_training.__main__ import app
from tests.support.boosters import FILES, catboost_model, lightgbm_file, rows_with_target
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of

LIMIT = 100_000_000
LIBRARIES = ("xgboost", "lightgbm", "catboost")
ROWS, TARGETS = rows_with_target()


def pack(folder: Path, file: str, *options: str) -> Any:
    """Pack a file of a folder with the sample."""
    ROWS.assign(late=TARGETS).to_csv(folder / "sample.csv", index=False)
    paths = [str(folder / file), "--data", str(folder / "sample.csv"), "--out", str(folder / "model.zip")]
    return CliRunner().invoke(app, ["pack", *paths, "--target", "late", *options])


def without_libraries(folder: Path) -> Path:
    """Return a folder for PYTHONPATH in which the libraries cannot be imported."""
    (folder / "absent").mkdir()
    for library in LIBRARIES:
        (folder / "absent" / f"{library}.py").write_text(f"raise ImportError('{library} is not installed')\n")
    return folder / "absent"


@pytest.mark.parametrize("name", FILES)
def test_answers_are_those_of_the_library(name: str, tmp_path: Path) -> None:
    """Labels are equal and probabilities within the library's own precision; the bundle holds the native file."""
    file, fit, member = FILES[name]
    wanted = np.asarray(fit(tmp_path / file, ROWS, TARGETS))
    packed = pack(tmp_path, file, *(["--trust"] if file.endswith(".joblib") else []))
    assert packed.exit_code == 0, packed.stderr
    bundle = read_bundle((tmp_path / "model.zip").read_bytes(), LIMIT)
    assert {*bundle.manifest.members} - {"report.html"} == {PLAN, ESTIMATOR, member}
    assert MANIFEST not in bundle.manifest.members
    assert bundle.manifest.proof
    assert bundle.manifest.libraries.keys() & set(LIBRARIES) == {name.split(",", maxsplit=1)[0].split(maxsplit=1)[0]}
    path = {"MODEL_URI": str(tmp_path / "model.zip"), "PYTHONPATH": str(without_libraries(tmp_path))}
    with FunctionProcess(path) as function:
        for output in ("label", "probability"):
            body = json.dumps({"instances": instances_of(ROWS), "parameters": {"output": output}})
            found = function.client.post("/predict", content=body).json()["predictions"]
            if output == "label":
                assert found == wanted.argmax(axis=1).tolist()
            else:
                assert found == pytest.approx(wanted[:, 1].tolist(), abs=bundle.manifest.proof.tolerance)


def test_a_pickle_is_loaded_only_where_it_is_trusted(tmp_path: Path) -> None:
    """Without the option, a file that names a library's class is refused."""
    FILES["xgboost behind an encoder"][1](tmp_path / "model.joblib", ROWS, TARGETS)
    packed = pack(tmp_path, "model.joblib")
    assert packed.exit_code == 1
    assert "xgboost.sklearn.XGBClassifier" in packed.stderr
    assert "--trust" in packed.stderr.replace("\n", " ")


def test_a_pickle_that_cannot_be_loaded_is_refused(tmp_path: Path) -> None:
    """With a sentence."""
    (tmp_path / "model.joblib").write_bytes(b"nothing")
    packed = pack(tmp_path, "model.joblib", "--trust")
    assert packed.exit_code == 1
    assert "can't be unpickled" in packed.stderr


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """With a sentence."""
    lightgbm_file(tmp_path / "model.txt", ROWS, TARGETS)
    whole = (tmp_path / "model.txt").read_bytes()
    (tmp_path / "model.txt").write_bytes(whole[: len(whole) // 2])
    packed = pack(tmp_path, "model.txt")
    assert packed.exit_code == 1
    assert "damaged file of LightGBM" in packed.stderr


def test_statistics_of_the_target_are_refused(tmp_path: Path) -> None:
    """CatBoost's own way with categories of many values has no exact translation."""
    model = catboost_model(ROWS, TARGETS)
    statistics = type(model)(iterations=4, one_hot_max_size=1, thread_count=1, verbose=0, allow_writing_files=False)
    statistics.fit(ROWS, TARGETS, cat_features=["city"]).save_model(str(tmp_path / "model.cbm"))
    packed = pack(tmp_path, "model.cbm")
    assert packed.exit_code == 1
    assert "CTRs" in packed.stderr
