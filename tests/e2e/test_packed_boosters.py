"""Boosters packed and served: the answers are the library's, which the function does not have."""

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from typer.testing import CliRunner

from function.model.bundle import ESTIMATOR, MANIFEST, PLAN, read_bundle
from model_training.__main__ import app
from model_training.bundling.exact.boosters.open import open_native
from tests.integration.exact.boosters import BOOSTERS
from tests.support.boosters import (
    FILES,
    LIBRARIES,
    catboost_model,
    lightgbm_file,
    rows_with_target,
    without_libraries,
)
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of

LIMIT = 100_000_000
ROWS, TARGETS = rows_with_target()


def pack(folder: Path, file: str, *options: str) -> Any:
    """Pack a file of a folder with the sample."""
    ROWS.assign(late=TARGETS).to_csv(folder / "sample.csv", index=False)
    paths = [str(folder / file), "--data", str(folder / "sample.csv"), "--out", str(folder / "model.zip")]
    return CliRunner().invoke(app, ["pack", *paths, "--target", "late", *options])


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


@pytest.mark.parametrize("name", ["xgboost: logistic", "lightgbm: binary", "catboost: Logloss, missing is small"])
def test_a_calibrated_booster_is_served(name: str, tmp_path: Path) -> None:
    """Behind an encoder; the bundle holds the whole model, and the function needs none of its libraries."""
    booster = BOOSTERS[name].make()
    encoder = make_column_transformer((OneHotEncoder(sparse_output=False), ["city"]), remainder="passthrough")
    model = make_pipeline(encoder, CalibratedClassifierCV(booster, cv=2)).fit(ROWS, TARGETS)
    joblib.dump(model, tmp_path / "model.joblib")
    packed = pack(tmp_path, "model.joblib", "--trust")
    assert packed.exit_code == 0, packed.stderr
    path = {"MODEL_URI": str(tmp_path / "model.zip"), "PYTHONPATH": str(without_libraries(tmp_path))}
    with FunctionProcess(path) as function:
        assert predict(function, ROWS, "label") == model.predict(ROWS).tolist()
        assert predict(function, ROWS, "probability") == pytest.approx(
            model.predict_proba(ROWS)[:, 1].tolist(), abs=1e-6
        )


def test_a_booster_whose_place_has_no_translation_is_refused(tmp_path: Path) -> None:
    """With the reason, rather than with the advice that was followed already."""
    model = CalibratedClassifierCV(BOOSTERS["xgboost: logistic"].make(), method="isotonic", cv=2)
    joblib.dump(model.fit(ROWS[["weight", "stops"]], TARGETS), tmp_path / "m.joblib")
    packed = pack(tmp_path, "m.joblib", "--trust")
    assert packed.exit_code == 1
    said = " ".join(packed.stderr.split())
    assert "the function serves a model of xgboost only compiled, and this one cannot be: XGBoost inside an" in said
    assert "--trust" not in said


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


def predict(function: FunctionProcess, rows: pd.DataFrame, output: str) -> Any:
    """Ask a function."""
    body = json.dumps({"instances": instances_of(rows), "parameters": {"output": output}})
    return function.client.post("/predict", content=body).json()["predictions"]


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_classes_that_the_file_lacks_are_named(name: str, tmp_path: Path) -> None:
    """In the order of the model's."""
    file, fit, _ = FILES[name]
    wanted = np.asarray(fit(tmp_path / file, ROWS, TARGETS))
    ROWS.to_csv(tmp_path / "sample.csv", index=False)
    paths = [str(tmp_path / file), "--data", str(tmp_path / "sample.csv"), "--out", str(tmp_path / "model.zip")]
    packed = CliRunner().invoke(app, ["pack", *paths, "--classes", "on time,late"])
    assert packed.exit_code == 0, packed.stderr
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        assert predict(function, ROWS, "label") == [("on time", "late")[row] for row in wanted.argmax(axis=1)]


def test_a_number_that_means_missing_is_missing(tmp_path: Path) -> None:
    """As it is to the class that was fitted; without the option it is a small number."""
    import xgboost

    rows = ROWS[["weight", "stops"]].fillna(-999.0)
    model = xgboost.XGBClassifier(n_estimators=8, n_jobs=1, missing=-999.0).fit(rows, TARGETS)
    model.save_model(tmp_path / "model.ubj")
    rows.to_csv(tmp_path / "sample.csv", index=False)
    paths = [str(tmp_path / "model.ubj"), "--data", str(tmp_path / "sample.csv"), "--out", str(tmp_path / "model.zip")]
    packed = CliRunner().invoke(app, ["pack", *paths, "--missing-number", "-999"])
    assert packed.exit_code == 0, packed.stderr
    wanted = model.predict_proba(rows)[:, 1].tolist()
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        assert predict(function, rows, "probability") == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_a_missing_category_is_a_missing_value(name: str, tmp_path: Path) -> None:
    """The file that learnt from it and the sample both lack some."""
    rows = ROWS.assign(city=ROWS["city"].where(np.arange(len(ROWS)) % 5 != 2, np.nan))
    file, fit, _ = FILES[name]
    wanted = np.asarray(fit(tmp_path / file, rows, TARGETS))[:, 1].tolist()
    rows.to_csv(tmp_path / "sample.csv", index=False)
    paths = [str(tmp_path / file), "--data", str(tmp_path / "sample.csv"), "--out", str(tmp_path / "model.zip")]
    packed = CliRunner().invoke(app, ["pack", *paths])
    assert packed.exit_code == 0, packed.stderr
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        assert predict(function, rows, "probability") == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("name", LIBRARIES)
def test_explanations_are_differences_of_the_librarys_predictions(name: str, tmp_path: Path) -> None:
    """Also of categories that the library handles itself, and of missing values; CatBoost knows no missing category."""
    lacks = np.arange(len(ROWS)) % 5 == 2
    rows = ROWS if name == "catboost" else ROWS.assign(city=ROWS["city"].where(~lacks, np.nan))
    file, fit, _ = FILES[name]
    fit(tmp_path / file, rows, TARGETS)
    rows.to_csv(tmp_path / "sample.csv", index=False)
    paths = [str(tmp_path / file), "--data", str(tmp_path / "sample.csv"), "--out", str(tmp_path / "model.zip")]
    packed = CliRunner().invoke(app, ["pack", *paths])
    assert packed.exit_code == 0, packed.stderr
    library = open_native((tmp_path / file).suffix, (tmp_path / file).read_bytes(), rows)
    asked = rows.head(40)
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        features = function.client.get("/model").json()["features"]
        explained = predict(function, asked, "explanation")
    assert [feature["name"] for feature in features] == list(rows)
    wanted = library.predict_proba(asked)[:, 1]
    assert [each["probability"] for each in explained] == pytest.approx(wanted.tolist(), abs=1e-6)
    for feature in features:
        replaced = asked.assign(**{feature["name"]: feature["typical"]})
        difference = wanted - library.predict_proba(replaced)[:, 1]
        found = [each["contributions"][feature["name"]] for each in explained]
        assert found == pytest.approx(difference.tolist(), abs=1e-6)
        assert any(found)


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("lightgbm", ["--missing-number", "-999"], "supported for XGBoost only"),
        ("lightgbm", ["--classes", "a,b,c"], "3 labels for 2 classes"),
        ("xgboost", ["--classes", "a,a"], "--classes must have two different classes"),
        ("xgboost behind an encoder", ["--classes", "a,b"], "are for the files of boosters"),
    ],
)
def test_options_that_do_not_suit_the_file_are_refused(
    name: str, options: list[str], sentence: str, tmp_path: Path
) -> None:
    """With a sentence."""
    FILES[name][1](tmp_path / FILES[name][0], ROWS, TARGETS)
    packed = pack(tmp_path, FILES[name][0], *options)
    assert packed.exit_code in {1, 2}
    assert sentence in " ".join(packed.stderr.replace("│", " ").split())


def test_a_category_that_catboost_does_not_know_as_missing_is_named(tmp_path: Path) -> None:
    """CatBoost itself refuses such rows."""
    FILES["catboost"][1](tmp_path / "model.cbm", ROWS, TARGETS)
    lacking = ROWS.assign(city=ROWS["city"].where(np.arange(len(ROWS)) % 5 != 2, np.nan))
    lacking.to_csv(tmp_path / "sample.csv", index=False)
    paths = [str(tmp_path / "model.cbm"), "--data", str(tmp_path / "sample.csv"), "--out", str(tmp_path / "model.zip")]
    packed = CliRunner().invoke(app, ["pack", *paths])
    assert packed.exit_code == 1
    assert "the sample lacks values of city" in " ".join(packed.stderr.split())
