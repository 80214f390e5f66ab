"""model_training/bundling/exact/boosters: native files opened with their library, and built into bundles."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from function.errors import Refused as NotServed
from function.model.joblib.tasks import task_of
from model_training.bundling.exact.boosters.libraries import imported
from model_training.bundling.exact.boosters.open import open_fitted, open_native
from model_training.bundling.exact.build import build
from model_training.bundling.exact.refused import Refused
from model_training.bundling.originals import original_of
from tests.integration.exact.boosters import BOOSTERS, NUMBERS
from tests.support.boosters import FILES, catboost_file, lightgbm_file, rows_with_target, xgboost_file

ROWS, TARGETS = rows_with_target()
NAMED = pd.DataFrame(NUMBERS, columns=list("abcdef"))
NATIVE = [name for name, (file, *_) in FILES.items() if not file.endswith(".joblib")]
FITTED = [
    "xgboost: logistic", "xgboost: softmax", "xgboost: poisson", "xgboost: logistic, missing -999",
    "lightgbm: multiclass", "lightgbm: zero_as_missing", "lightgbm: rf, regression",
    "catboost: MultiClass", "catboost: RMSE", "catboost: Depthwise",
]  # fmt: skip


@pytest.mark.parametrize("name", FITTED)
def test_a_fitted_estimator_is_built_exactly(name: str) -> None:
    """Plan, graph and proof, as for scikit-learn's own."""
    booster = BOOSTERS[name]
    rows = NAMED.fillna(-999.0) if "-999" in name else NAMED
    built = build(booster.fitted(), rows, rows.tail(50))
    assert built.proof.reason == ""
    assert built.proof.kind == "trees"
    assert built.proof.differing_labels == 0
    assert sorted(built.members) == ["estimator.onnx", "plan.json"]


@pytest.mark.parametrize("name", NATIVE)
def test_a_file_with_categories_is_built_exactly(name: str, tmp_path: Path) -> None:
    """Texts become the codes of the model; columns of the sample may be in another order."""
    file, fit, _ = FILES[name]
    wanted = fit(tmp_path / file, ROWS, TARGETS)
    moved = ROWS[["stops", "city", "weight"]]
    model = open_native((tmp_path / file).suffix, (tmp_path / file).read_bytes(), moved)
    assert np.asarray(model.predict_proba(ROWS)) == pytest.approx(np.asarray(wanted), abs=1e-12)
    built = build(model, ROWS, ROWS.tail(50))
    assert built.proof.reason == ""
    assert built.proof.differing_labels == 0


def test_json_of_catboost_is_what_catboost_reads(tmp_path: Path) -> None:
    """Which is another double than the text says for some leaves."""
    BOOSTERS["catboost: MultiClass"].fitted().save_model(str(tmp_path / "model.json"), format="json")
    data = (tmp_path / "model.json").read_bytes()
    built = build(open_native(".json", data, NAMED), NAMED, NAMED.tail(50))
    assert built.proof.reason == ""
    assert built.proof.differing_labels == 0


def test_several_labels_are_refused() -> None:
    """Of XGBoost, whose file has no sign of them but the number of targets."""
    import xgboost

    model = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(NUMBERS, NUMBERS[:, 2:4] > [1.00016e8, 3])
    assert "several targets of a classification of XGBoost" in build(model, NAMED).proof.reason


@pytest.mark.parametrize("name", ["xgboost: ranker", "xgboost: logitraw"])
def test_a_file_is_opened_whatever_class_saved_it(name: str, tmp_path: Path) -> None:
    """As a regression of the raw score."""
    estimator = BOOSTERS[name].fitted()
    estimator.save_model(tmp_path / "model.ubj")
    model = open_native(".ubj", (tmp_path / "model.ubj").read_bytes(), NAMED)
    assert model.predict(NUMBERS).tolist() == estimator.predict(NUMBERS, output_margin=True).tolist()


RANKERS = {
    "xgboost": BOOSTERS["xgboost: ranker"], "lightgbm": BOOSTERS["lightgbm: lambdarank"],
    "catboost": BOOSTERS["catboost: YetiRank"],
}  # fmt: skip


@pytest.mark.parametrize("library", RANKERS)
@pytest.mark.parametrize("piped", [False, True])
def test_a_fitted_ranker_is_a_regression(library: str, piped: bool) -> None:  # noqa: FBT001 (a parameter)
    """Of the score that it predicts, alone or at the end of a pipeline."""
    estimator = RANKERS[library].fitted()
    opened = open_fitted(make_pipeline(FunctionTransformer(), estimator) if piped else estimator, NAMED)
    assert task_of(opened) == "regression"
    assert opened.predict(NUMBERS).tolist() == estimator.predict(NUMBERS).tolist()


@pytest.mark.parametrize("name", ["xgboost: softprob", "lightgbm: multiclass"])
def test_a_booster_of_the_library_itself_is_what_its_file_says(name: str) -> None:
    """Neither XGBoost's nor LightGBM's is an estimator to scikit-learn."""
    estimator = BOOSTERS[name].fitted()
    booster = estimator.get_booster() if hasattr(estimator, "get_booster") else estimator.booster_
    opened = open_fitted(booster, NAMED)
    assert opened.predict_proba(NUMBERS).tolist() == estimator.predict_proba(NUMBERS).tolist()


def test_a_model_that_is_not_compiled_is_not_packed() -> None:
    """Nothing in the function could serve it."""
    with pytest.raises(NotServed, match="cannot be: linear trees"):
        original_of(BOOSTERS["lightgbm: binary"].fitted(), "linear trees are not supported")


@pytest.mark.parametrize(
    ("suffix", "fit", "rows", "message"),
    [
        (".txt", lightgbm_file, ROWS[["weight", "stops"]], "1 columns of categories, and the sample 0"),
        (".ubj", xgboost_file, ROWS[["weight", "stops"]], "3 features, and the sample 2 columns"),
        (".cbm", catboost_file, ROWS[["weight", "city"]], "CatBoost"),
    ],
)
def test_a_sample_that_does_not_fit_is_refused(
    suffix: str, fit: Any, rows: pd.DataFrame, message: str, tmp_path: Path
) -> None:
    """With a sentence that counts."""
    fit(tmp_path / f"model{suffix}", ROWS, TARGETS)
    with pytest.raises(Refused, match=message):
        open_native(suffix, (tmp_path / f"model{suffix}").read_bytes(), rows)


def test_a_library_that_is_not_installed_is_named() -> None:
    """With the command that installs it."""
    with pytest.raises(Refused, match="pip install lightgbmm"):
        imported("lightgbmm")
