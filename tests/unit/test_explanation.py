"""function/inference/explanation.py: contributions are what scikit-learn says they must be."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, LinearSVC

from function.errors import BadInput, TooLarge
from function.inference.explanation import CELLS_PER_BATCH, by_replacement
from function.inference.inference import Inference
from function.model.bundle import JOBLIB, read_bundle, write_bundle
from function.model.loaded import LoadedModel, load
from function.model.manifest import Feature, Origin
from function.model.outputs import Outputs
from function.model.schema import Schema
from function.protocols import rows
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from tests.support.foreign_models import MODELS, Foreign, table
from tests.support.function_process import ROOT

LIMIT = 100_000_000


def fitted(task: str, estimator: Any, *, indicator: bool = False) -> Foreign:
    """Fit a pipeline with a number, one that may be missing, and a category."""
    X = table()[["town", "age", "score"]]
    score = SimpleImputer(add_indicator=indicator)
    encoder = ColumnTransformer(
        [("town", OneHotEncoder(), ["town"]), ("age", "passthrough", ["age"]), ("score", score, ["score"])]
    )
    y = {
        "binary": pd.Series(np.where(X["age"] + 10 * X["score"].fillna(0) > 50, "late", "early")),
        "multiclass": pd.cut(X["age"] + (X["town"] == "Lima") * 20, [-1, 30, 60, 200], labels=["a", "b", "c"]).astype(
            object
        ),
        "regression": X["age"] / 10 + X["score"].fillna(0).abs(),
    }[task]
    return Foreign(Pipeline([("encoder", encoder), ("estimator", estimator)]).fit(X, y), X, y)


def packed_of(foreign: Foreign) -> Packed:
    """Pack a model with the table it knows."""
    return build_bundle(
        foreign.model, Dataset("foreign", foreign.X, None, Origin("table", "0" * 64, len(foreign.X))), None, 0
    )


def served(packed: Packed, engine: str = "compiled") -> LoadedModel:
    """Load a bundle as the function does, compiled or by scikit-learn."""
    bundle = read_bundle(packed.data, LIMIT)
    data = packed.data if engine == "compiled" else write_bundle(bundle.manifest, {JOBLIB: bundle.read(JOBLIB)})
    model = load(data, None, LIMIT)
    assert (model.engine.name == "sklearn") == (engine == "sklearn")
    return model


def explained(model: LoadedModel, instances: list[Any], max_rows: int = 50_000) -> list[dict[str, Any]]:
    """Ask for explanations as a caller does."""
    body = json.dumps({"instances": instances, "parameters": {"output": "explanation"}}).encode()
    with ThreadPoolExecutor(1) as pool:
        answer = asyncio.run(Inference(max_rows, pool).predict(rows.CODEC, body, model))
    predictions: list[dict[str, Any]] = json.loads(answer.body)["predictions"]
    return predictions


def instances_of(X: pd.DataFrame) -> list[dict[str, Any]]:
    """Write a table as instances, with null for missing."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()} for row in X.to_dict("records")
    ]


def total(row: dict[str, Any]) -> float:
    """Add up what a row's explanation says."""
    return float(row["baseline"] + sum(row["contributions"].values()))


LINEAR: dict[str, tuple[str, Any, str]] = {
    "binary": ("binary", LogisticRegression(max_iter=1000), "log-odds"),
    "without probabilities": ("binary", LinearSVC(max_iter=100_000), "class score"),
    "multinomial": ("multiclass", LogisticRegression(max_iter=1000), "class score"),
    "one against the rest": ("multiclass", LinearSVC(fit_intercept=False, max_iter=100_000), "class score"),
    "regression": ("regression", LinearRegression(), "value"),
}


@pytest.mark.parametrize("engine", ["compiled", "sklearn"])
@pytest.mark.parametrize("case", LINEAR)
def test_a_linear_models_contributions_add_up_to_its_score(case: str, engine: str) -> None:
    """With the intercept: the log-odds, the predicted class's score, the value; of missing values too."""
    task, estimator, unit = LINEAR[case]
    foreign = fitted(task, estimator)
    answers = explained(served(packed_of(foreign), engine), instances_of(foreign.X))
    assert {(row["method"], row["unit"]) for row in answers} == {("linear", unit)}
    assert list(answers[0]["contributions"]) == ["town", "age", "score"]
    expected = foreign.model.predict(foreign.X) if task == "regression" else foreign.model.decision_function(foreign.X)
    if task == "multiclass":
        classes = foreign.model.classes_.tolist()
        assert [row["class"] for row in answers] == foreign.model.predict(foreign.X).tolist()
        expected = [scores[classes.index(row["class"])] for scores, row in zip(expected, answers, strict=True)]
    elif task == "binary":
        assert {row["class"] for row in answers} == {foreign.model.classes_[1]}
    scale = np.maximum(1, np.abs(expected))
    assert np.max(np.abs(np.array(list(map(total, answers))) - expected) / scale) < 1e-5


def test_a_contribution_is_that_of_the_features_own_columns() -> None:
    """Weight times encoded value, summed."""
    foreign = fitted("binary", LogisticRegression(max_iter=1000))
    weights = foreign.model[-1].coef_[0] * foreign.model[:-1].transform(foreign.X)
    for row, parts in zip(explained(served(packed_of(foreign)), instances_of(foreign.X)), weights, strict=True):
        sums = [parts[:3].sum(), parts[3], parts[4:].sum()]
        assert list(row["contributions"].values()) == pytest.approx(sums, abs=1e-5)


def test_an_encoded_vector_of_a_linear_model_is_explained_alike() -> None:
    """It is what the sum is made of."""
    foreign = fitted("multiclass", LogisticRegression(max_iter=1000))
    model = served(packed_of(foreign))
    vectors = foreign.model[:-1].transform(foreign.X).tolist()
    for ours, theirs in zip(explained(model, vectors), explained(model, instances_of(foreign.X)), strict=True):
        assert ours["contributions"] == pytest.approx(theirs["contributions"], abs=1e-5)
    body = json.dumps({"test_array": vectors[0], "parameters": {"output": "explanation"}}).encode()
    with ThreadPoolExecutor(1) as pool:
        single = json.loads(asyncio.run(Inference(10, pool).predict(rows.CODEC, body, model)).body)["prediction"]
    assert single == explained(model, vectors[:1])[0]


def test_a_column_that_says_that_a_value_is_missing_is_the_features_own() -> None:
    """So the sum is whole where it is."""
    foreign = fitted("binary", LogisticRegression(max_iter=1000), indicator=True)
    answers = explained(served(packed_of(foreign), "sklearn"), instances_of(foreign.X))
    assert {row["method"] for row in answers} == {"linear"}
    assert list(map(total, answers)) == pytest.approx(foreign.model.decision_function(foreign.X).tolist(), abs=1e-5)


@pytest.mark.parametrize(
    ("task", "estimator"),
    [
        ("multiclass", SVC(kernel="linear")),
        ("regression", PoissonRegressor(max_iter=1000)),
        ("binary", make_pipeline(PolynomialFeatures(2), LogisticRegression(max_iter=5000))),
    ],
)
def test_what_only_looks_linear_is_explained_by_replacement(task: str, estimator: Any) -> None:
    """Weights of pairs of classes, a value that is no sum, columns made of two features."""
    assert served(packed_of(fitted(task, estimator)), "sklearn").explained_by == "replacement"


def test_columns_of_two_features_are_nobodys_own() -> None:
    """Although the model is a weighted sum of them."""
    X = table()[["age", "gain"]]
    y = (X["age"] * X["gain"] > 60).astype(int)
    model = make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=1000)).fit(X, y)
    packed = packed_of(Foreign(model, X, y))
    assert packed.manifest.linear is not None
    assert served(packed).explained_by == "replacement"


REPLACED: dict[str, tuple[str, Any, str]] = {
    "binary": ("binary", RandomForestClassifier(20, random_state=0), "probability"),
    "multiclass": ("multiclass", RandomForestClassifier(20, random_state=0), "probability"),
    "without probabilities": ("multiclass", SVC(), "label"),
    "regression": ("regression", GradientBoostingRegressor(n_estimators=20, random_state=0), "value"),
}


@pytest.mark.parametrize("engine", ["compiled", "sklearn"])
@pytest.mark.parametrize("case", REPLACED)
def test_any_other_model_is_asked_without_one_feature_at_a_time(case: str, engine: str) -> None:
    """A contribution is the answer less that to the row with the feature's usual value."""
    task, estimator, unit = REPLACED[case]
    foreign = fitted(task, estimator)
    packed = packed_of(foreign)
    usual = {feature.name: feature.typical for feature in packed.manifest.features}
    assert usual["town"] == foreign.X["town"].mode()[0]
    assert usual["age"] == foreign.X["age"].quantile(interpolation="lower")
    answers = explained(served(packed, engine), instances_of(foreign.X))
    assert {(row["method"], row["unit"]) for row in answers} == {("replacement", unit)}
    predicted = foreign.model.predict(foreign.X)

    def answer(X: pd.DataFrame) -> Any:
        if unit == "value":
            return foreign.model.predict(X)
        if unit == "label":
            return foreign.model.predict(X) == predicted
        of = np.ones(len(X), int) if task == "binary" else np.searchsorted(foreign.model.classes_, predicted)
        return foreign.model.predict_proba(X)[np.arange(len(X)), of]

    for name in foreign.X:
        expected = 1.0 * answer(foreign.X) - answer(foreign.X.assign(**{str(name): usual[str(name)]}))
        tolerance = 1e-5 * max(1, np.abs(answer(foreign.X)).max())
        assert [row["contributions"][str(name)] for row in answers] == pytest.approx(expected.tolist(), abs=tolerance)
    expected = 1.0 * answer(foreign.X.assign(**usual))
    assert [row["baseline"] for row in answers] == pytest.approx(expected.tolist(), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("features", "runs"), [(3, 2), (2000, 5)])
def test_it_takes_few_batches_of_bounded_size(packed: Packed, features: int, runs: int) -> None:
    """One for the baseline, and as many as the rows with something replaced need."""
    names = [Feature(name=f"x{i}", type="number", typical=0.0) for i in range(features)]
    manifest = msgspec.structs.replace(packed.manifest, features=tuple(names), task="regression", classes=None)
    asked = []

    def ask(columns: Any) -> Outputs:
        asked.append(len(columns) * len(columns[0]))
        return Outputs(np.sum(columns, axis=0))

    columns = [np.array([float(i)]) for i in range(features)]
    explanation = by_replacement(manifest, Schema(manifest), columns, Outputs(np.sum(columns, axis=0)), ask)
    assert [float(value[0]) for value in explanation.contributions.values()] == [float(i) for i in range(features)]
    assert len(asked) == runs
    assert max(asked) <= CELLS_PER_BATCH


def test_explanations_are_bounded_by_the_rows_that_the_model_is_asked(packed: Packed) -> None:
    """Of a linear model a row counts as one; of any other also for the baseline and each feature."""
    flight = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}
    forest = packed_of(fitted("binary", RandomForestClassifier(5, random_state=0)))
    row = {"town": "Lima", "age": 3, "score": None}
    assert len(explained(served(packed), [flight] * 50, max_rows=50)) == 50
    assert len(explained(served(forest), [row] * 10, max_rows=50)) == 10
    with pytest.raises(TooLarge, match=r"has 11 rows\. The limit of a request for explanations is 10 rows"):
        explained(served(forest), [row] * 11, max_rows=50)


def test_no_rows_have_no_explanations(packed: Packed) -> None:
    """As they have no predictions."""
    assert explained(served(packed), []) == []


def test_an_encoded_vector_has_no_features_to_replace() -> None:
    """A 422 that says what to send."""
    model = served(packed_of(MODELS["multiclass"]()))
    with pytest.raises(BadInput, match="expected objects of named features"):
        explained(model, [[0.0] * 5])


def test_a_feature_without_a_usual_value_is_left_out() -> None:
    """A value that callers may not send is none; where a value may be missing, null is."""
    packed = packed_of(fitted("binary", RandomForestClassifier(5, random_state=0)))
    town, age, score = packed.manifest.features
    changed = (
        msgspec.structs.replace(town, typical="nowhere"),
        age,
        msgspec.structs.replace(score, typical=None),
    )
    files = {name: read_bundle(packed.data, LIMIT).read(name) for name in packed.manifest.members}
    manifest = msgspec.structs.replace(packed.manifest, features=changed)
    model = load(write_bundle(manifest, files), None, LIMIT)
    (row,) = explained(model, [{"town": "Lima", "age": 3, "score": 1.5}])
    assert list(row["contributions"]) == ["age", "score"]


def test_scikit_learn_is_not_needed(packed: Packed, tmp_path: Path) -> None:
    """By neither method."""
    forest = packed_of(fitted("multiclass", RandomForestClassifier(5, random_state=0)))
    (tmp_path / "linear.zip").write_bytes(packed.data)
    (tmp_path / "forest.zip").write_bytes(forest.data)
    script = """
import sys
from pathlib import Path
from function.inference.explanation import explain_rows
from function.model.loaded import load
for name in ("linear", "forest"):
    model = load(Path(sys.argv[1], f"{name}.zip").read_bytes(), None, 10**8)
    columns = model.schema.golden_columns(model.manifest.golden.rows)
    print(explain_rows(model, columns, (), model.predict_columns(columns)).method)
assert not {"sklearn", "joblib", "pandas"} & set(sys.modules)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["linear", "replacement"], "")
