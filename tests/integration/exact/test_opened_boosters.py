"""model_training/bundling/exact/boosters: native files opened with their library, and built into bundles."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from function.errors import Refused as NotServed
from function.model.engines.plan import PlanEngine
from function.model.joblib.tasks import task_of
from model_training.bundling.exact.boosters.category_texts import category_texts
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


CITIES = ["Lima", "Würzburg", "São Paulo", "Zürich", "Æbeltoft"]


def _frame(cities: Any, dtype: Any = "category") -> pd.DataFrame:
    return pd.DataFrame({"city": pd.Series(cities, dtype=dtype), "weight": np.arange(len(cities), dtype=float)})


@pytest.mark.parametrize("order", [sorted(CITIES), CITIES, CITIES[::-1]])
def test_letters_beyond_ascii_are_read_from_a_file_of_xgboost(order: list[str]) -> None:
    """From a table of pandas, XGBoost writes characters as bytes: texts begin too early, and the last is cut."""
    import xgboost

    rows = _frame(CITIES * 20, pd.CategoricalDtype(order))
    target = rows["city"].isin(["Zürich", "São Paulo"]).astype(int)
    fitted = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, n_jobs=1).fit(rows, target)
    texts = rows.astype({"city": object})
    opened = open_native(".ubj", bytes(fitted.get_booster().save_raw("ubj")), texts)
    assert opened[0].named_transformers_["0"].categories_[0].tolist() == order
    assert np.array_equal(opened.predict_proba(texts), fitted.predict_proba(rows))


def test_letters_beyond_ascii_are_read_where_arrow_wrote_them() -> None:
    """Its table has the places in bytes."""
    import pyarrow as pa

    array = pa.array(CITIES)
    assert category_texts(array, "city", CITIES[:3]) == CITIES


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (CITIES[:4], r"lacks the end of a category of 'city' that begins with 'Æbel', .* a row with this category"),
        ([*CITIES, "Æbelheim"], "and only one that fits"),
        (["Rome"], "does not hold the categories of 'city' as text, .* has to have rows with these categories"),
    ],
)
def test_a_sample_that_does_not_complete_the_texts_is_refused(sample: list[str], message: str) -> None:
    """The number of a category is never given to another text."""
    import pyarrow as pa

    text = "".join(CITIES)
    places = np.cumsum([0, *map(len, CITIES)]).astype(np.int32)
    written = pa.StringArray.from_buffers(
        len(CITIES), pa.py_buffer(places.tobytes()), pa.py_buffer(text.encode()[: len(text)])
    )
    with pytest.raises(Refused, match=message):
        category_texts(written, "city", sample)


@pytest.mark.parametrize("texts", [True, False])
def test_spaces_in_the_names_of_lightgbm_are_those_of_the_sample(texts: bool) -> None:  # noqa: FBT001 (a parameter)
    """It writes underscores; columns of the sample that are not the model's are left out, text too."""
    import lightgbm

    rows = _frame(CITIES * 20).rename(columns={"city": "Stadt (alt)", "weight": "in kg"})
    rows = rows if texts else rows[["in kg"]]
    target = rows["in kg"] % 7 > 3
    fitted = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(rows, target)
    sample = rows.astype({name: object for name in rows if name != "in kg"}).assign(note="text")[::-1]
    opened = open_native(".txt", fitted.booster_.model_to_string().encode(), sample)
    assert opened.feature_names_in_.tolist() == list(rows.columns)
    assert np.array_equal(opened.predict_proba(sample), fitted.predict_proba(rows[::-1]))


@pytest.mark.parametrize("kind", ["int64", "bool"])
def test_categories_of_lightgbm_may_be_numbers(kind: str) -> None:
    """The file says which columns have codes; text is not taken for the categories of another column."""
    import lightgbm

    rows = _frame(CITIES * 40).assign(stops=np.arange(200) % 7 % (2 if kind == "bool" else 7))
    rows = rows.astype({"stops": kind}).astype({"stops": "category"})
    target = rows["stops"].isin([True, 4]) ^ (rows["weight"] % 5 > 3)
    fitted = lightgbm.LGBMClassifier(n_estimators=20, min_child_samples=2, n_jobs=1, verbose=-1).fit(rows, target)
    sample, data = rows.astype({"city": object, "stops": kind}), fitted.booster_.model_to_string().encode()
    opened = open_native(".txt", data, sample)
    assert np.array_equal(opened.predict_proba(sample), fitted.predict_proba(rows))
    assert build(opened, sample, sample.tail(50)).proof.reason == ""
    with pytest.raises(Refused, match="other values of 'stops' than the categories of the model, such as"):
        open_native(".txt", data, sample.astype({"stops": str}))


def test_zeros_of_a_sparse_encoder_are_missing_to_xgboost() -> None:
    """It does not see them, which decides the way of a row; so does the compiled model."""
    import xgboost

    chance = np.random.default_rng(1)
    rows = pd.DataFrame(
        {"city": chance.choice([*CITIES, *map(str, range(20))], 400), "stops": chance.poisson(1.0, 400)}
    )
    rows["weight"] = np.where(chance.random(400) < 0.2, np.nan, chance.normal(size=400).round(1))
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough")
    model = make_pipeline(encoder, xgboost.XGBRegressor(n_estimators=20, n_jobs=1))
    fitted = model.fit(rows, rows["stops"] ** 2 + rows["weight"].fillna(3) + rows["city"].str.len())
    assert encoder.fit(rows).sparse_output_
    opened = open_fitted(fitted, rows)
    assert opened.predict(rows).tolist() == fitted.predict(rows).tolist()
    built = build(opened, rows, rows.tail(50))
    assert (built.proof.reason, built.proof.kind) == ("", "trees")


@pytest.mark.parametrize("kind", ["XGBRegressor", "XGBClassifier"])
def test_what_xgboost_rounds_to_zero_is_no_zero_of_a_sparse_matrix(kind: str) -> None:
    """It sees such numbers, and of double precision they are no zeros."""
    import xgboost

    chance = np.random.default_rng(2)
    rows = pd.DataFrame({"city": chance.choice(CITIES, 300), "x": chance.choice([0.0, -1.0, 1.0, 2.0], 300)})
    encoder = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough", sparse_threshold=1.0)
    wanted = (rows["x"] == 0).astype(int) + (rows["x"] > 0) * 2
    fitted = make_pipeline(encoder, getattr(xgboost, kind)(n_estimators=9, n_jobs=1)).fit(rows, wanted)
    edges = pd.DataFrame({"city": CITIES[0], "x": [0.0, -0.0, 5e-324, -5e-324, 7e-46, -7e-46, 7.1e-46, 1e-45, 1e-38]})
    built = build(open_fitted(fitted, rows), rows, rows.tail(50))
    assert built.proof.reason == ""
    expected = fitted.predict(edges)
    assert expected[0] != expected[2]
    engine = PlanEngine(
        built.members["plan.json"],
        built.members["estimator.onnx"],
        [*edges],
        probabilities=kind == "XGBClassifier",
        tolerance=1e-6,
    )
    vectors = fitted[:-1].transform(edges).toarray()
    assert engine.predict(vectors).labels == pytest.approx(expected, abs=1e-6)


def test_many_categories_of_catboost_are_built_exactly() -> None:
    """What is no code has no text, and so no category, however near it is to one."""
    import catboost

    chance = np.random.default_rng(0)
    rows = pd.DataFrame({"x": chance.normal(size=900), "word": [f"w{i}" for i in chance.integers(0, 40, 900)]})
    rows["y"] = chance.normal(size=900)
    wanted = rows["word"].str.len() + rows["word"].isin(["w7", "w31", "w39"]) * 3 + (rows["x"] > 0) + (rows["y"] > 1)
    options = {"one_hot_max_size": 400, "cat_features": ["word"], "thread_count": 1, "verbose": 0}
    model = catboost.CatBoostRegressor(iterations=30, allow_writing_files=False, **options).fit(rows, wanted)
    built = build(open_fitted(model, rows), rows, rows.tail(50))
    assert (built.proof.reason, built.proof.kind) == ("", "trees")


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
        (
            ".txt",
            lightgbm_file,
            ROWS.astype({"stops": str}),
            "the sample has text in stops, which is numbers to the model",
        ),
        (
            ".txt",
            lightgbm_file,
            ROWS.rename(columns={"city": "town"}),
            "lacks the model's columns city; its columns are",
        ),
        (
            ".ubj",
            xgboost_file,
            ROWS.rename(columns={"city": "town"}),
            "lacks the model's columns city; its columns are",
        ),
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
