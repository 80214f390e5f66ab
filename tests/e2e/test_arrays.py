"""Arrays of as many values as there are features are rows, through the whole pipeline, in every dialect."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.support.foreign_models import Foreign, table
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import packed_of

ROWS = 20


def iris() -> Foreign:
    """A scaler, whose encoded vector is as long as a row."""
    X, y = datasets.load_iris(return_X_y=True, as_frame=True)
    return Foreign(make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(X, y), X, y)


def whole_numbers() -> Foreign:
    """The same of integers, which have to be checked one by one."""
    X = table()[["age"]].assign(months=lambda t: t["age"] * 12 + 3)
    y = pd.Series(X["age"] > 40, name="old").astype(int)
    return Foreign(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y), X, y)


def parcels() -> Foreign:
    """A text and a number, whose encoded vector is longer than a row."""
    X = table()[["town", "gain"]]
    y = pd.Series((X["town"] == "Lima") ^ (X["gain"] > 2), name="late").astype(int)
    parts = [("text", OneHotEncoder(handle_unknown="ignore"), ["town"]), ("number", StandardScaler(), ["gain"])]
    return Foreign(Pipeline([("e", ColumnTransformer(parts)), ("m", LogisticRegression())]).fit(X, y), X, y)


MODELS: dict[str, Callable[[], Foreign]] = {"iris": iris, "integers": whole_numbers, "parcels": parcels}


@pytest.fixture(scope="module", params=list(MODELS))
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Foreign, FunctionProcess]]:
    """A model, and the function that serves it."""
    foreign = MODELS[request.param]()
    path: Path = tmp_path_factory.mktemp("arrays") / "model.zip"
    path.write_bytes(packed_of(foreign, "arrays").data)
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        yield foreign, function


def test_an_array_is_a_row(served: tuple[Foreign, FunctionProcess]) -> None:
    """The scaler is not skipped: the numbers are scikit-learn's own."""
    foreign, function = served
    X = foreign.X.iloc[:: len(foreign.X) // ROWS]
    rows, labels = X.to_numpy().tolist(), foreign.model.predict(X).tolist()
    rows = [[int(value) if isinstance(value, float) and value.is_integer() else value for value in row] for row in rows]
    probability = foreign.model.predict_proba(X)
    post = function.client.post
    for path in ("/predict", "/v1/models/arrays:predict"):
        for key in ("instances", "inputs"):
            assert post(path, json={key: rows}).json() == {"predictions": labels}
    datatype = "BYTES" if isinstance(rows[0][0], str) else "FP64"
    tensor = {"name": "rows", "shape": list(X.shape), "datatype": datatype, "data": rows}
    outputs = post("/v2/models/arrays/infer", json={"inputs": [tensor]}).json()["outputs"]
    assert outputs[0]["data"] == labels
    assert outputs[1]["data"] == pytest.approx(probability.reshape(-1).tolist(), rel=1e-12)
    replies = post("/bigquery", json={"calls": [[row] for row in rows], "userDefinedContext": {"output": "label"}})
    assert replies.json() == {"replies": labels}


def test_an_encoded_vector_is_what_the_estimator_is_given(served: tuple[Foreign, FunctionProcess]) -> None:
    """As `test_array`, and by its length where that is another."""
    foreign, function = served
    vector = foreign.model[:-1].transform(foreign.X.iloc[[0]]).reshape(-1).tolist()
    (label,) = foreign.model.predict(foreign.X.iloc[[0]]).tolist()
    assert function.client.post("/predict", json={"test_array": vector}).json() == {"prediction": label}
    if len(vector) != foreign.X.shape[1]:
        assert function.client.post("/predict", json={"instances": [vector]}).json() == {"predictions": [label]}


def test_what_is_neither_is_refused(served: tuple[Foreign, FunctionProcess]) -> None:
    """With both lengths in the sentence, also where rows and vectors are mixed."""
    foreign, function = served
    row = foreign.X.iloc[0].tolist()
    response = function.client.post("/predict", json={"instances": [[0.0] * 50]})
    assert response.status_code == 422
    assert f"an array of these {len(row)} values" in response.json()["error"] or "exactly" in response.json()["error"]
    response = function.client.post("/predict", json={"instances": [row, [*row, 0, 0, 0]]})
    assert response.status_code == 422
    assert response.json()["error"].startswith(f"instances[1]: expected an array of {len(row)} values, like the other")
    explained = {"instances": [row], "parameters": {"output": "explanation"}}
    (prediction,) = function.client.post("/predict", json=explained).json()["predictions"]
    assert set(prediction["contributions"]) == set(foreign.X)


def test_openapi_describes_both(served: tuple[Foreign, FunctionProcess]) -> None:
    """Rows as arrays, and encoded vectors, each by its length."""
    foreign, function = served
    schemas: Any = function.client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Values"]["maxItems"] == foreign.X.shape[1]
    assert schemas["Vector"]["maxItems"] == foreign.model[-1].n_features_in_
