"""Values that a model does not know, absent and additional fields, and bad rows: the same in every dialect."""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.data.dataset import Dataset
from model_training.data.policies import Policies
from tests.support.function_process import FunctionProcess

ROWS = 400
UNKNOWN = {"town": "Cuzco", "month": 13, "lane": "A", "score": 0.5}
KNOWN = {"town": "Lima", "month": 7, "lane": "B", "score": 0.5}


def table() -> pd.DataFrame:
    """Make a table with an open text, an open integer, a closed text and a number that may be missing."""
    chance = np.random.default_rng(0)
    score = chance.normal(size=ROWS)
    score[::9] = np.nan
    return pd.DataFrame(
        {
            "town": chance.choice(["Lima", "Quito", "Santiago"], ROWS).astype(object),
            "month": chance.integers(1, 13, ROWS),
            "lane": chance.choice(["A", "B"], ROWS).astype(object),
            "score": score,
        }
    )


def linear(X: pd.DataFrame, y: pd.Series) -> Pipeline:
    """Fit a compiled linear model."""
    encoder = ColumnTransformer(
        [
            ("open", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=60), ["town", "month"]),
            ("closed", OneHotEncoder(), ["lane"]),
        ]
    )
    return Pipeline([("e", encoder), ("m", LogisticRegression())]).fit(X[["town", "month", "lane"]], y)


def boosted(X: pd.DataFrame, y: pd.Series) -> Pipeline:
    """Fit trees, compiled to a graph, on codes."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    parts = [("open", codes, ["town", "month"]), ("closed", OrdinalEncoder(), ["lane"])]
    encoder = ColumnTransformer([*parts, ("number", "passthrough", ["score"])])
    return Pipeline([("e", encoder), ("m", HistGradientBoostingClassifier(max_iter=20))]).fit(X, y)


@pytest.fixture(scope="module", params=[linear, boosted])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A model, and the function that serves it with some policies."""
    X = table()
    y = pd.Series((X["month"] > 6) ^ (X["town"] == "Lima"), name="late").astype(int)
    model = request.param(X, y)
    X = X[list(model.feature_names_in_)]
    policies = Policies(unknown_fields="ignore", defaults={"month": "7"})
    sample = Dataset("policies", X, y, Origin("table", "0" * 64, ROWS), policies=policies)
    packed = build_bundle(model, sample, None, seed=0)
    assert packed.engine.startswith("compiled")
    path = tmp_path_factory.mktemp("policies") / "model.zip"
    path.write_bytes(packed.data)
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        yield model, function


def row_of(model: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Keep the model's features of a row."""
    return {name: row[name] for name in model.feature_names_in_}


def answers(served: Any, rows: list[dict[str, Any]]) -> list[tuple[httpx.Response, list[float]]]:
    """Ask for the probabilities of rows in every dialect."""
    model, function = served
    rows = [row_of(model, row) for row in rows]
    probability = {"parameters": {"output": "probability"}}
    post = function.client.post
    rows_answer = post("/predict", json={"instances": rows, **probability})
    kserve = post("/v1/models/policies:predict", json={"instances": rows, **probability})
    datatypes = {"town": "BYTES", "month": "INT64", "lane": "BYTES", "score": "FP64"}
    inputs = [
        {"name": name, "shape": [len(rows)], "datatype": datatypes[name], "data": [row[name] for row in rows]}
        for name in rows[0]
    ]
    tensors = post("/v2/models/policies/infer", json={"inputs": inputs})
    arguments = post("/bigquery", json={"calls": [list(row.values()) for row in rows]})
    objects = post("/bigquery", json={"calls": [[row] for row in rows]})
    for response in (rows_answer, kserve, tensors, arguments, objects):
        assert response.status_code == 200, response.text
    return [
        (rows_answer, rows_answer.json()["predictions"]),
        (kserve, kserve.json()["predictions"]),
        (tensors, tensors.json()["outputs"][1]["data"][1::2]),
        (arguments, arguments.json()["replies"]),
        (objects, objects.json()["replies"]),
    ]


def expected(model: Any, rows: list[dict[str, Any]]) -> list[float]:
    """Return scikit-learn's own probabilities."""
    frame = pd.DataFrame([row_of(model, row) for row in rows])
    probabilities: list[float] = model.predict_proba(frame)[:, 1].tolist()
    return probabilities


def test_unknown_values_are_predicted_as_the_pipeline_does(served: Any) -> None:
    """Infrequent and other categories, or a code of their own; a header counts them in every dialect."""
    rows = [KNOWN, UNKNOWN, {**KNOWN, "town": ""}, {**KNOWN, "month": -1}]
    for response, probabilities in answers(served, rows):
        assert probabilities == pytest.approx(expected(served[0], rows), rel=1e-12)
        assert response.headers["x-unknown-values"] == "4"
    for response, _ in answers(served, [KNOWN]):
        assert "x-unknown-values" not in response.headers


def test_a_closed_feature_refuses_them(served: Any) -> None:
    """Where the encoder was fitted to refuse unknown values; the message lists the known ones."""
    model, function = served
    response = function.client.post("/predict", json={"instances": [row_of(model, {**KNOWN, "lane": "C"})]})
    assert response.status_code == 422
    assert response.json()["error"] == 'instances[0].lane: expected one of "A", "B"'


def test_the_manifest_and_openapi_say_so(served: Any) -> None:
    """As type, with the known values as examples, and as default."""
    _, function = served
    features = {feature["name"]: feature for feature in function.client.get("/model").json()["features"]}
    assert features["town"]["unknown"] == features["month"]["unknown"] == "open"
    assert "unknown" not in features["lane"]
    row = function.client.get("/openapi.json").json()["components"]["schemas"]["Row"]
    assert row["properties"]["town"]["type"] == "string"
    assert row["properties"]["town"]["examples"] == ["Lima", "Quito", "Santiago"]
    assert row["properties"]["lane"] == {"enum": ["A", "B"]}
    assert row["required"] == [name for name in row["properties"] if name in ("town", "lane")]
    assert row["properties"]["month"]["default"] == 7


def test_absent_and_additional_fields(served: Any) -> None:
    """A default stands for what is absent, null for a number that may be missing; other fields are ignored."""
    model, function = served
    row = {"town": "Lima", "lane": "A", "color": "red"}
    full = {**row, "month": 7, "score": None}
    wanted = pytest.approx(expected(model, [full | {"score": np.nan}]), rel=1e-12)
    options = {"parameters": {"output": "probability"}}
    assert function.client.post("/predict", json={"instances": [row], **options}).json()["predictions"] == wanted
    inputs = [{"name": name, "shape": [1, 1], "datatype": "BYTES", "data": [value]} for name, value in row.items()]
    response = function.client.post("/v2/models/policies/infer", json={"inputs": inputs})
    assert response.json()["outputs"][1]["data"][1:] == wanted
    assert function.client.post("/bigquery", json={"calls": [[row]]}).json()["replies"] == wanted


@pytest.mark.parametrize("path", ["/predict", "/v1/models/policies:predict"])
def test_bad_rows_in_a_good_request(served: Any, path: str) -> None:
    """They get null if the caller wants that, and else every fault is reported."""
    model, function = served
    good = row_of(model, KNOWN)
    rows = [good, {**good, "lane": "C", "town": 5}, {}, good]
    response = function.client.post(path, json={"instances": rows, "parameters": {"on_error": "null"}})
    label = int(model.predict(pd.DataFrame([good]))[0])
    assert response.json() == {"predictions": [label, None, None, label]}
    response = function.client.post(path, json={"instances": rows, "parameters": {"on_error": "fail"}})
    assert response.status_code == (422 if path == "/predict" else 400)
    if path == "/predict":
        places = [tuple(fault["loc"]) for fault in response.json()["detail"]]
        assert places == [
            ("body", "instances", row, name) for row, name in ((1, "town"), (1, "lane"), (2, "town"), (2, "lane"))
        ]
    assert response.json()["error"].endswith(" (and 3 more faults)")


def test_bad_arrays_in_a_good_request(served: Any) -> None:
    """The same for rows as arrays, and for the single encoded vector."""
    model, function = served
    good = list(row_of(model, KNOWN).values())
    options = {"parameters": {"on_error": "null"}}
    response = function.client.post("/predict", json={"instances": [good, [0], ["x"] * len(good)], **options})
    assert [prediction is None for prediction in response.json()["predictions"]] == [False, True, True]
    assert function.client.post("/predict", json={"test_array": [0], **options}).json() == {"prediction": None}


def test_the_good_rows_are_explained(served: Any) -> None:
    """Also where others are skipped."""
    model, function = served
    good = row_of(model, KNOWN)
    explained = {"parameters": {"output": "explanation"}}
    (alone,) = function.client.post("/predict", json={"instances": [good], **explained}).json()["predictions"]
    explained["parameters"]["on_error"] = "null"
    response = function.client.post("/predict", json={"instances": [{}, good, {}], **explained})
    assert response.json() == {"predictions": [None, alone, None]}


def test_options_may_be_null(served: Any) -> None:
    """As some clients send what they do not set; 7.0 is 7."""
    model, function = served
    row = row_of(model, {**KNOWN, "month": 7.0})
    response = function.client.post("/predict", json={"instances": [row], "parameters": None})
    assert response.json()["predictions"] == model.predict(pd.DataFrame([row])).tolist()


def test_nan_is_explained(served: Any) -> None:
    """Python writes NaN into JSON, which has none."""
    response = served[1].client.post(
        "/predict", content=b'{"instances": [{"score": NaN}]}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert response.json()["error"] == "JSON has no NaN or Infinity. Send null for a missing number."
