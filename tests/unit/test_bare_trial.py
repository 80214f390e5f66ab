"""A bare file is tried on made-up rows when it is loaded: nothing goes live that can't answer."""

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from function.errors import Refused, TooLarge, UnsupportedValues
from function.model.engines.sklearn import MAX_CELLS
from function.model.joblib.versions import pack_command
from function.model.loaded import LoadedModel, load

LIMIT = 100_000_000
CHANCE = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "city": CHANCE.choice(["Lima", "Quito"], 60),
        "weight": CHANCE.normal(size=60),
        "stops": CHANCE.integers(1, 5, 60),
        "note": CHANCE.choice(["late again", "on time", "very late"], 60),
    }
).astype({"city": object, "note": object})
Y = np.where(X["weight"] + X["stops"] > 2, "late", "early")
NUMBERS = ["weight", "stops"]


def dumped(model: Any) -> bytes:
    """Write a model as joblib does."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def predicted(model: LoadedModel, rows: pd.DataFrame) -> Any:
    """Predict the rows of a table."""
    return model.predict_columns([rows[name].to_numpy() for name in rows])


CASES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "numbers": lambda: (make_pipeline(StandardScaler(), LogisticRegression()), X[NUMBERS]),
    "known categories alone": lambda: (
        make_pipeline(
            make_column_transformer((OneHotEncoder(), ["city"]), (StandardScaler(), NUMBERS)), LogisticRegression()
        ),
        X,
    ),
    "imputed categories": lambda: (
        make_pipeline(
            make_column_transformer(
                (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["city"]),
                remainder="passthrough",
            ),
            LogisticRegression(),
        ),
        X[["city", *NUMBERS]],
    ),
    "tables between steps": lambda: (
        make_pipeline(
            make_column_transformer(
                (SimpleImputer(), NUMBERS), remainder="passthrough", verbose_feature_names_out=False
            ).set_output(transform="pandas"),
            make_column_transformer((StandardScaler(), NUMBERS), (OneHotEncoder(), ["city"])),
            LogisticRegression(),
        ),
        X[["city", *NUMBERS]],
    ),
    "tables for the estimator": lambda: (
        make_pipeline(
            make_column_transformer((OrdinalEncoder(), ["city"]), (StandardScaler(), NUMBERS)).set_output(
                transform="pandas"
            ),
            StackingClassifier(
                [
                    (
                        "a",
                        make_pipeline(
                            make_column_transformer((StandardScaler(), ["ordinalencoder__city"])), LogisticRegression()
                        ),
                    )
                ]
            ),
        ),
        X[["city", *NUMBERS]],
    ),
    "native categories": lambda: (
        HistGradientBoostingClassifier(max_iter=3),
        X[["city", "weight"]].astype({"city": "category"}),
    ),
    "voting": lambda: (
        VotingClassifier(
            [
                (
                    "a",
                    make_pipeline(
                        make_column_transformer((OneHotEncoder(), ["city"]), (StandardScaler(), NUMBERS)),
                        LogisticRegression(),
                    ),
                )
            ],
            voting="soft",
        ),
        X,
    ),
    "text column": lambda: (
        make_pipeline(
            make_column_transformer((TfidfVectorizer(), "note"), (StandardScaler(), NUMBERS)), LogisticRegression()
        ),
        X,
    ),
    "search": lambda: (
        GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 2]}),
        X[NUMBERS],
    ),
    "passed through": lambda: (make_pipeline("passthrough", LogisticRegression()), X[NUMBERS]),
}


@pytest.mark.parametrize("name", CASES)
def test_an_honest_model_goes_live(name: str) -> None:
    """And predicts what scikit-learn predicts."""
    model, rows = CASES[name]()
    model.fit(rows, Y)
    live = load(dumped(model), None, LIMIT)
    given = rows[list(live.schema.names)] if live.schema.names else rows
    outputs = predicted(live, given.astype(object))
    assert outputs.labels.tolist() == model.predict(rows).tolist()
    assert outputs.probabilities is not None
    np.testing.assert_allclose(outputs.probabilities, model.predict_proba(rows), rtol=1e-12)


TEXT_MODELS: dict[str, Callable[[], Any]] = {
    "tfidf": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "counts": lambda: make_pipeline(CountVectorizer(ngram_range=(1, 2)), LogisticRegression()),
    "hashes": lambda: make_pipeline(HashingVectorizer(), LogisticRegression()),
    "union": lambda: make_pipeline(
        make_union(TfidfVectorizer(), CountVectorizer(analyzer="char")), LogisticRegression()
    ),
    "search": lambda: GridSearchCV(
        make_pipeline(TfidfVectorizer(), LogisticRegression()), {"logisticregression__C": [1, 2]}
    ),
    "voting": lambda: VotingClassifier([("a", make_pipeline(TfidfVectorizer(), LogisticRegression()))], voting="soft"),
}


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_text_is_the_whole_input(name: str) -> None:
    """One feature, named text."""
    model = TEXT_MODELS[name]().fit(X["note"], Y)
    live = load(dumped(model), None, LIMIT)
    assert list(live.schema.names) == ["text"]
    outputs = live.predict_vectors([[note] for note in X["note"]])
    assert outputs.labels.tolist() == model.predict(X["note"]).tolist()
    with pytest.raises(UnsupportedValues):
        live.predict_vectors([["late"], [1.0]])


def lacking(version: str) -> bytes:
    """Write a pipeline whose imputer lacks an attribute, as one of an older version does."""
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(X[NUMBERS], Y)
    del model[0]._fill_dtype  # noqa: SLF001 - what another version has not
    here = sklearn.__version__.encode()
    return dumped(model).replace(bytes([len(here)]) + here, bytes([len(version)]) + version.encode())


def test_what_cannot_answer_is_refused_with_both_versions() -> None:
    """And with the way out: its own version, in one command."""
    with pytest.raises(Refused) as refused:
        load(lacking("1.7.2"), None, LIMIT)
    reason = str(refused.value)
    assert (
        "predicts none of the rows that were tried: AttributeError: 'SimpleImputer' object has no attribute" in reason
    )
    assert f"made by scikit-learn 1.7.2, read by {sklearn.__version__}" in reason
    assert "uvx --python 3.11 --from . --with scikit-learn==1.7.2 taxiway pack --trust MODEL --data SAMPLE" in reason


def test_versions_that_do_not_differ_are_not_named() -> None:
    """The model is at fault then."""
    with pytest.raises(Refused, match=r"no attribute '_fill_dtype'$"):
        load(lacking(sklearn.__version__), None, LIMIT)


def test_old_versions_need_old_libraries() -> None:
    """scikit-learn was built for numpy 1 up to 1.4."""
    assert pack_command("1.2.2").endswith(
        '--with scikit-learn==1.2.2 --with "numpy<2" --with "pandas<3" --with "pyarrow<23" taxiway'
    )
    assert pack_command("1.5.2").endswith("--from . --with scikit-learn==1.5.2 taxiway")


def test_an_attribute_of_a_value_is_a_fault_of_the_row() -> None:
    """One of an estimator is not."""
    model = make_pipeline(make_column_transformer((CountVectorizer(), "note")), LogisticRegression()).fit(X, Y)
    live = load(dumped(model), None, LIMIT)
    with pytest.raises(UnsupportedValues):
        live.predict_columns([np.array([1.0])] * 4)
    del model[-1].classes_
    live.engine._model[-1].__dict__.pop("coef_")  # type: ignore[attr-defined] # noqa: SLF001 - breaks it
    with pytest.raises(AttributeError):
        predicted(live, X)


def test_a_model_of_many_unknown_columns_is_tried() -> None:
    """With numbers, or texts, in all of them."""
    rows = pd.DataFrame(CHANCE.choice(["1", "2"], (60, 9)), columns=[f"c{i}" for i in range(9)]).astype(object)
    model = make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(rows.astype(float), Y)
    assert load(dumped(model), None, LIMIT).manifest.encoded == tuple(rows)


def test_wide_texts_stay_sparse() -> None:
    """20,000 words by thousands of rows would be gigabytes of zeros."""
    words = np.array([f"w{i}" for i in range(20_000)])
    texts = [" ".join(CHANCE.choice(words, 40)) for _ in range(2000)]
    model = make_pipeline(make_column_transformer((TfidfVectorizer(), "note")), LogisticRegression())
    rows = pd.DataFrame({"note": texts}, dtype=object)
    model.fit(rows, np.arange(2000) % 2)
    live = load(dumped(model), None, LIMIT)
    tracemalloc.start()
    labels = predicted(live, rows).labels
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert labels.tolist() == model.predict(rows).tolist()
    assert peak < 100_000_000


def test_a_dense_matrix_is_bounded_by_its_numbers() -> None:
    """The message says what would be made, and what is allowed."""
    from function.model.engines.sklearn import SklearnEngine

    model = make_pipeline(HashingVectorizer(n_features=2**16), LogisticRegression()).fit(X["note"], Y)
    engine = SklearnEngine(model, ["text"], stages=2, probabilities=True)
    texts = np.array(["late"] * 257, dtype=object)
    with pytest.raises(TooLarge, match=rf"would have {257 * 2**16:,} numbers. The limit is {MAX_CELLS:,}"):
        engine.encode([texts])
    assert engine.encode([texts[:2]]).shape == (2, 2**16)
    assert engine.predict_columns([texts]).labels.tolist() == model.predict(texts).tolist()
