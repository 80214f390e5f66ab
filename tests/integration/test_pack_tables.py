"""`pack` reads the sample with the rules of `train`, and reports what it changed."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from function.model.bundle import read_bundle
from function.model.loaded import load
from function.model.manifest import Manifest
from tests.support.commands import run
from tests.support.packed_models import columns_of

LIMIT = 100_000_000


@pytest.fixture
def fitted(tmp_path: Path) -> Path:
    """A pipeline that was fitted on postcodes as text or as numbers, countries and prices."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "postcode": chance.choice(["01242", "01243"], 200),
            "country": chance.choice(["NA", "CH"], 200),
            "price": chance.gamma(2.0, size=200).round(2),
        }
    )
    late = table["price"] + (table["country"] == "NA") > 2
    for name, codes in (("text", table["postcode"]), ("numbers", table["postcode"].astype(int))):
        X = table.assign(postcode=codes)
        encoder = make_column_transformer((OneHotEncoder(), ["postcode", "country"]), remainder="passthrough")
        joblib.dump(make_pipeline(encoder, LogisticRegression()).fit(X, late), tmp_path / f"{name}.joblib")
    prices = [f"{price:.2f} €".replace(".", ",") for price in table["price"]]
    table.assign(price=prices, late=late).to_csv(tmp_path / "sample.csv", index=False)
    return tmp_path


def pack(folder: Path, model: str, *words: str) -> tuple[Manifest, str]:
    """Build a bundle, which works."""
    out = folder / "model.zip"
    sample = ["--data", folder / "sample.csv", "--target", "late", "--out", out]
    result = run("pack", folder / f"{model}.joblib", *sample, *words)
    assert result.exit_code == 0, result.stderr
    return read_bundle(out.read_bytes(), LIMIT).manifest, result.stderr


def test_a_sample_is_read_as_training_reads_it(fitted: Path) -> None:
    """Leading zeros stay, as the model knows them; NA is a country, prices are numbers, each with its line."""
    manifest, warnings = pack(fitted, "text")
    assert [feature.type for feature in manifest.features] == ["string", "string", "number"]
    assert [feature.categories for feature in manifest.features[:2]] == [("01242", "01243"), ("CH", "NA")]
    assert "'price' is read as numbers: decimal comma, €" in warnings
    assert "'country': 'NA' is a value like any other" in warnings


def test_a_kind_is_corrected(fitted: Path) -> None:
    """For a model that was fitted on numbers."""
    manifest, _ = pack(fitted, "numbers", "--kind", "postcode=number")
    assert manifest.features[0].categories == (1242, 1243)


def test_what_was_read_is_reported_before_a_failure(fitted: Path) -> None:
    """It may be its reason: here the model needs numbers."""
    sample = pd.read_csv(fitted / "sample.csv", dtype=str, keep_default_na=False)
    sample.assign(price=["n/k", *sample["price"][1:]]).to_csv(fitted / "sample.csv", index=False)
    result = run("pack", fitted / "text.joblib", "--data", fitted / "sample.csv", "--target", "late")
    assert result.exit_code == 1
    warning, failure = (result.stderr.index(words) for words in ("'n/k' is not: used as text", "Error: "))
    assert warning < failure


def test_a_kind_of_no_column_is_refused(fitted: Path) -> None:
    """By name."""
    words = ["--data", fitted / "sample.csv", "--kind", "town=text"]
    result = run("pack", fitted / "text.joblib", *words)
    assert (result.exit_code, "has no column 'town', which --kind names" in result.stderr) == (1, True)


def test_digits_are_text_where_the_model_knows_text(tmp_path: Path) -> None:
    """Without an option, in a feature and in the target."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame({"code": chance.choice(["1", "2", "3"], 90), "price": chance.gamma(2.0, size=90).round(2)})
    table["class"] = np.where(table["price"] > 1.5, "1", "0")
    encoder = make_column_transformer((OneHotEncoder(), ["code"]), remainder="passthrough")
    model = make_pipeline(encoder, LogisticRegression()).fit(table[["code", "price"]], table["class"])
    joblib.dump(model, tmp_path / "model.joblib")
    table.to_csv(tmp_path / "sample.csv", index=False)
    sample = ["--data", tmp_path / "sample.csv", "--target", "class", "--out", tmp_path / "model.zip"]
    result = run("pack", tmp_path / "model.joblib", *sample)
    assert result.exit_code == 0, result.stderr
    assert "left out" not in result.stderr
    manifest = read_bundle((tmp_path / "model.zip").read_bytes(), LIMIT).manifest
    assert (manifest.features[0].type, manifest.features[0].categories) == ("string", ("1", "2", "3"))
    assert manifest.metrics["accuracy"] == model.score(table[["code", "price"]], table["class"])


def test_rows_that_are_left_out_are_named(fitted: Path) -> None:
    """By column, value and what the model knows."""
    sample = pd.read_csv(fitted / "sample.csv", dtype=str, keep_default_na=False)
    sample.loc[:2, "country"] = ["FR", "FR", "DE"]
    sample.to_csv(fitted / "sample.csv", index=False)
    out = ["--data", fitted / "sample.csv", "--out", fitted / "model.zip"]
    words = " ".join(run("pack", fitted / "text.joblib", *out).stderr.split())
    assert "3 rows are left out" in words
    assert "'country' has 'FR', 'DE' in 3 rows, and allows 'CH', 'NA'" in words


def test_no_row_that_is_known_is_named_too(fitted: Path) -> None:
    """In the refusal."""
    sample = pd.read_csv(fitted / "sample.csv", dtype=str, keep_default_na=False).assign(country="FR")
    sample.to_csv(fitted / "sample.csv", index=False)
    result = run("pack", fitted / "text.joblib", "--data", fitted / "sample.csv")
    assert result.exit_code == 1
    assert "'country' has 'FR' in 200 rows, and allows 'CH', 'NA'" in " ".join(result.stderr.split())


def test_encoded_classes_beside_texts_are_refused(fitted: Path) -> None:
    """With both vocabularies, rather than an accuracy of 0."""
    sample = pd.read_csv(fitted / "sample.csv", dtype=str, keep_default_na=False)
    sample["late"] = np.where(sample["late"] == "True", "too late", "on time")
    sample.to_csv(fitted / "sample.csv", index=False)
    result = run("pack", fitted / "text.joblib", "--data", fitted / "sample.csv", "--target", "late")
    assert result.exit_code == 1
    words = " ".join(result.stderr.split())
    assert "'late' has the values" in words
    assert "'too late'" in words
    assert "the model predicts False, True" in words


def test_rows_without_a_target_are_left_out_of_the_evaluation(fitted: Path) -> None:
    """And counted; the others are evaluated as before."""
    sample = pd.read_csv(fitted / "sample.csv", dtype=str, keep_default_na=False)
    sample.loc[::4, "late"] = ""
    sample.to_csv(fitted / "sample.csv", index=False)
    manifest, warnings = pack(fitted, "text")
    assert "50 rows without a value of 'late' are left out of the evaluation" in " ".join(warnings.split())
    assert manifest.metrics["hold_out_rows"] == 150
    assert manifest.metrics["accuracy"] > 0.9


def test_an_empty_target_is_refused(fitted: Path) -> None:
    """There is nothing to evaluate on."""
    sample = pd.read_csv(fitted / "sample.csv", dtype=str, keep_default_na=False).assign(late="")
    sample.to_csv(fitted / "sample.csv", index=False)
    result = run("pack", fitted / "text.joblib", "--data", fitted / "sample.csv", "--target", "late")
    assert (result.exit_code, "the target 'late' has no values" in result.stderr) == (1, True)


CODES = pd.DataFrame({"code": ["1", "2", "3"] * 30, "price": np.random.default_rng(0).normal(size=90).round(3)})
ENCODED = make_column_transformer((OneHotEncoder(), ["code"]), remainder="passthrough")
OPAQUE = {
    "calibrated": lambda: CalibratedClassifierCV(make_pipeline(ENCODED, LogisticRegression()), cv=2),
    "voting": lambda: VotingClassifier([("a", make_pipeline(ENCODED, LogisticRegression()))]),
    "native categories": lambda: HistGradientBoostingClassifier(max_iter=5),
}


@pytest.mark.parametrize("name", OPAQUE)
def test_a_model_that_hides_its_encoder_loses_no_row(name: str, tmp_path: Path) -> None:
    """Its digits are text, too."""
    late = np.where(CODES["price"] + (CODES["code"] == "1") > 0, "late", "early")
    native = name == "native categories"
    model = OPAQUE[name]().fit(CODES.astype({"code": "category" if native else object}), late)
    joblib.dump(model, tmp_path / "model.joblib")
    CODES.assign(late=late).to_csv(tmp_path / "sample.csv", index=False)
    out = ["--data", tmp_path / "sample.csv", "--target", "late", "--out", tmp_path / "model.zip"]
    result = run("pack", tmp_path / "model.joblib", *out)
    assert result.exit_code == 0, result.stderr
    assert "left out" not in result.stderr
    metrics = read_bundle((tmp_path / "model.zip").read_bytes(), LIMIT).manifest.metrics
    assert (metrics["hold_out_rows"], metrics["accuracy"]) == (90, model.score(CODES, late))


def test_what_cannot_predict_here_is_refused_with_both_versions(fitted: Path) -> None:
    """An imputer of 1.7 loads, and lacks an attribute when it predicts: the message has the command."""
    sample = pd.read_csv(fitted / "sample.csv")
    model = make_pipeline(make_column_transformer((SimpleImputer(), ["postcode"])), LogisticRegression())
    model.fit(sample[["postcode"]], sample["late"])
    del model[0].named_transformers_["simpleimputer"]._fill_dtype  # noqa: SLF001 - what another version has not
    joblib.dump(model, fitted / "old.joblib")
    here = sklearn.__version__.encode()
    data = (fitted / "old.joblib").read_bytes().replace(bytes([len(here)]) + here, b"\x051.7.2")
    (fitted / "old.joblib").write_bytes(data)
    result = run("pack", fitted / "old.joblib", "--data", fitted / "sample.csv", "--kind", "postcode=number")
    assert result.exit_code == 1
    words = " ".join(result.stderr.split())
    assert "'SimpleImputer' object has no attribute '_fill_dtype'" in words
    assert f"made by scikit-learn 1.7.2, read by {sklearn.__version__}" in words
    assert "--with scikit-learn==1.7.2 taxiway pack --trust" in words


@pytest.mark.parametrize("by", ["names", "numbers", "selector"])
def test_columns_that_the_model_drops_are_not_demanded(tmp_path: Path, by: str) -> None:
    """Neither of the sample nor of callers, whatever the columns were chosen by; the predictions are the same."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "id": np.arange(300),
            "city": chance.choice(["Lima", "Quito"], 300).astype(object),
            "note": chance.choice(["a", "b", "c"], 300).astype(object),
            "price": chance.gamma(2.0, size=300).round(2),
            "spare": chance.normal(size=300),
        }
    )
    late = (table["price"] + (table["city"] == "Lima") > 2).astype(int)
    chosen = {
        "names": (["city"], ["price"]),
        "numbers": ([1], [3]),
        "selector": (make_column_selector("city"), make_column_selector("price")),
    }[by]
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), chosen[0]), (StandardScaler(), chosen[1]), ("drop", ["note"])
    )
    model = make_pipeline(encoder, LogisticRegression()).fit(table, late)
    joblib.dump(model, tmp_path / "model.joblib")
    table[["city", "price"]].to_csv(tmp_path / "sample.csv", index=False)
    done = run("pack", tmp_path / "model.joblib", "--data", tmp_path / "sample.csv", "--out", tmp_path / "model.zip")
    assert done.exit_code == 0, done.stderr
    live = load((tmp_path / "model.zip").read_bytes(), None, LIMIT)
    assert live.engine.name == "linear"
    assert live.schema.names == ["city", "price"]
    columns = columns_of(live, table[["city", "price"]])
    assert live.predict_columns(columns).labels.tolist() == model.predict(table).tolist()


@pytest.mark.parametrize("kind", ["calibrated", "boosted"])
def test_text_may_be_missing_where_the_sample_lacks_it(tmp_path: Path, kind: str) -> None:
    """If the model predicts such rows, also where its categories are inside: a missing text is no missing number."""
    chance = np.random.default_rng(0)
    cities = np.array(["Lima", "Quito", None], dtype=object)[chance.integers(0, 3, 200)]
    X = pd.DataFrame({"city": cities, "price": chance.gamma(2.0, size=200)})
    late = (X["price"] > 2) | X["city"].isna()
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough")
    model = CalibratedClassifierCV(make_pipeline(encoder, LogisticRegression()), cv=2)
    if kind == "boosted":
        X["city"] = X["city"].astype("category")
        model = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")
    joblib.dump(model.fit(X, late), tmp_path / "model.joblib")
    X.assign(late=late).to_csv(tmp_path / "sample.csv", index=False)
    manifest, warnings = pack(tmp_path, "model")
    assert [feature.nullable for feature in manifest.features] == [True, False]
    assert "left out" not in warnings
    live = load((tmp_path / "model.zip").read_bytes(), None, LIMIT)
    rows = X.astype({"city": object}).head(50)
    wanted = model.predict_proba(rows.astype(X.dtypes))
    probabilities = live.predict_columns(columns_of(live, rows)).probabilities
    assert probabilities is not None
    assert probabilities.tolist() == wanted.tolist()
