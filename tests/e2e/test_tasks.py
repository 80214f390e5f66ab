"""Outlier detectors, clusterers and models with several outputs, in every dialect, as scikit-learn predicts."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sklearn.pipeline import Pipeline

from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.data.dataset import Dataset
from tests.support.commands import run
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of
from tests.support.task_models import TASK_MODELS, TASKS, rows

ROWS = 25
NAME = "other"
BARE = [f"{name} bare" for name in ("isolation-forest", "k-means", "gaussian-mixture", "two-values", "two-texts")]


class Served(NamedTuple):
    """A model, the rows that it predicts, and the function that serves it."""

    name: str
    way: str
    model: Any
    X: pd.DataFrame
    path: Path
    function: FunctionProcess

    def post(self, path: str, body: Any) -> Any:
        """Post a body; return the response's JSON, which must be a success."""
        response = self.function.client.post(path, json=body)
        assert response.is_success, response.text
        return response.json()


@pytest.fixture(scope="module", params=[*(f"{name} packed" for name in TASK_MODELS), *BARE])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A model, packed or bare, and the function that serves it."""
    name, way = request.param.split()
    model, path = TASK_MODELS[name](), tmp_path_factory.mktemp("tasks") / NAME
    X = rows()[list(model.feature_names_in_)]
    if way == "bare":
        joblib.dump(model, path)
    else:
        path.write_bytes(build_bundle(model, Dataset(NAME, X, None, Origin("o", "0" * 64, len(X))), None, seed=0).data)
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        yield Served(name, way, model, X.head(ROWS), path, function)


def test_the_model_has_its_own_task(served: Served) -> None:
    """GET /model has it with the classes, or the outputs."""
    model = served.function.client.get("/model").json()
    task = TASKS[served.name]
    assert (model["task"], model["engine"], model["refused"]) == (task, "sklearn", None)
    explained = ["explanation"] if served.way == "packed" and not task.startswith("multioutput") else []
    numbers = {"outlier": ["score"], "cluster": ["probability"] if served.name == "gaussian-mixture" else []}
    assert model["outputs"] == ["label", *numbers.get(task, []), *explained]
    count = served.model.predict(served.X).shape[1] if task.startswith("multioutput") else 0
    assert [output["name"] for output in model["predicted_outputs"]] == [f"y{i}" for i in range(count)]
    assert (model["classes"] is None) == bool(count)


def test_labels_are_those_of_scikit_learn(served: Served) -> None:
    """In rows, V1, V2 and BigQuery: a label for each row, or an array of them."""
    wanted = served.model.predict(served.X)
    same, instances = predictions_of(served), instances_of(served.X)
    for path in ("/predict", f"/v1/models/{NAME}:predict"):
        assert served.post(path, {"instances": instances}) == {"predictions": same}
    calls = [[row] for row in instances]
    assert served.post("/bigquery", {"calls": calls}) == {"replies": same}
    by_argument = [list(row.values()) for row in instances]
    assert served.post("/bigquery", {"calls": by_argument}) == {"replies": same}
    predict = tensors_of(served)["predict"]
    assert predict["shape"] == list(wanted.shape)
    flat = [value for row in same for value in row] if wanted.ndim > 1 else same
    assert predict["data"] == flat


def test_arrays_are_rows_or_encoded_vectors(served: Served) -> None:
    """As `test_array`, `instances`, and V2's matrix; a bare file has no encoded vectors."""
    row = list(instances_of(served.X)[0].values())
    assert served.post("/predict", {"instances": [row]}) == {"predictions": predictions_of(served)[:1]}
    vector = row if served.way == "bare" else encoded_of(served).reshape(-1).tolist()
    assert served.post("/predict", {"test_array": vector}) == {"prediction": predictions_of(served)[0]}
    numbers = encoded_of(served).tolist() if served.way == "packed" and len(vector) != len(row) else None
    if numbers is None:
        return
    matrix = {"name": "vectors", "shape": [1, len(vector)], "datatype": "FP64", "data": numbers}
    tensor = served.post(f"/v2/models/{NAME}/infer", {"inputs": [matrix]})["outputs"][0]
    assert tensor["shape"] == list(served.model.predict(served.X.head(1)).shape)
    (same,) = predictions_of(served)[:1]
    assert tensor["data"] == (same if isinstance(same, list) else [same])


def encoded_of(served: Served) -> Any:
    """Return the encoded vector of the first row, [1, width]."""
    first = served.X.head(1)
    encoded = served.model[:-1].transform(first) if isinstance(served.model, Pipeline) else first
    return np.asarray(encoded, dtype=float)


def predictions_of(served: Served) -> list[Any]:
    """Return scikit-learn's own predictions; values up to the last digit, which depends on where they are in memory."""
    wanted: list[Any] = served.model.predict(served.X).tolist()
    return [[about(v) for v in row] for row in wanted] if served.name == "two-values" else wanted


def about(value: float) -> Any:
    """Compare with a value but for its last digits."""
    return pytest.approx(value, rel=1e-12)


def tensors_of(served: Served) -> dict[str, Any]:
    """Return the output tensors for the rows, which the metadata must describe."""
    metadata = served.function.client.get(f"/v2/models/{NAME}").json()
    datatypes = {"town": "BYTES", "age": "INT64", "gain": "FP64"}
    inputs = [
        {"name": name, "shape": [ROWS, 1], "datatype": datatypes[name], "data": served.X[name].tolist()}
        for name in map(str, served.X)
    ]
    tensors = served.post(f"/v2/models/{NAME}/infer", {"inputs": inputs})["outputs"]
    described = [(each["name"], each["datatype"], [ROWS, *each["shape"][1:]]) for each in metadata["outputs"]]
    assert [(each["name"], each["datatype"], each["shape"]) for each in tensors] == described
    return {tensor["name"]: tensor for tensor in tensors}


def test_outliers_have_scores(served: Served) -> None:
    """The decision function in rows, V2 and BigQuery; other models refuse to give one."""
    asked = {"instances": instances_of(served.X), "parameters": {"output": "score"}}
    calls = {"calls": [[row] for row in instances_of(served.X)], "userDefinedContext": {"output": "score"}}
    if TASKS[served.name] != "outlier":
        for path, body in (("/predict", asked), ("/bigquery", calls)):
            response = served.function.client.post(path, json=body)
            assert response.is_client_error
            assert "only models that detect outliers have scores" in response.text
        return
    scores = served.model.decision_function(served.X).tolist()
    assert served.post("/predict", asked) == {"predictions": pytest.approx(scores, rel=1e-12)}
    assert served.post("/bigquery", calls) == {"replies": pytest.approx(scores, rel=1e-12)}
    assert tensors_of(served)["score"]["data"] == pytest.approx(scores, rel=1e-12)


def test_probabilities_of_clusters(served: Served) -> None:
    """A mixture has one for each cluster; the others say why they have none."""
    asked = {"instances": instances_of(served.X), "parameters": {"output": "probability"}}
    if served.name != "gaussian-mixture":
        response = served.function.client.post("/predict", json=asked)
        several = TASKS[served.name].startswith("multioutput")
        reason = "several outputs, whose probabilities" if several else "does not predict probabilities"
        assert (response.status_code, reason in response.text) == (422, True)
        return
    wanted = served.model.predict_proba(served.X)
    found = served.post("/predict", asked)["predictions"]
    assert [list(each) for each in found] == [["0", "1", "2"]] * ROWS
    assert [list(each.values()) for each in found] == [pytest.approx(row, rel=1e-12) for row in wanted.tolist()]
    assert tensors_of(served)["predict_proba"]["data"] == pytest.approx(wanted.reshape(-1).tolist(), rel=1e-12)


def test_explanations_are_of_the_score_or_the_cluster(served: Served) -> None:
    """Of several outputs, and of a bare file, there are none."""
    row = instances_of(served.X)[0]
    asked = {"instances": [row], "parameters": {"output": "explanation"}}
    if served.way == "bare" or TASKS[served.name].startswith("multioutput"):
        response = served.function.client.post("/predict", json=asked)
        reason = "only predictions of one output are explained" if "multi" in TASKS[served.name] else "typical values"
        assert (response.status_code, reason in response.text) == (422, True)
        return
    (explained,) = served.post("/predict", asked)["predictions"]
    assert explained["method"] == "replacement"
    features = served.function.client.get("/model").json()["features"]
    for feature in features:
        changed = pd.DataFrame([row, {**row, feature["name"]: feature["typical"]}])
        assert explained["contributions"][feature["name"]] == pytest.approx(difference(served, changed), abs=1e-12)
    if TASKS[served.name] == "outlier":
        assert (explained["unit"], "class" in explained) == ("score", False)
        assert explained["score"] == pytest.approx(served.model.decision_function(served.X.head(1))[0], rel=1e-12)
    else:
        assert explained["class"] == explained["prediction"] == served.model.predict(served.X.head(1))[0]


def difference(served: Served, pair: pd.DataFrame) -> float:
    """Return by how much the number that is explained differs between the first row and the second."""
    if TASKS[served.name] == "outlier":
        scores = served.model.decision_function(pair)
    elif hasattr(served.model, "predict_proba"):
        scores = served.model.predict_proba(pair)[:, served.model.predict(pair)[0]]
    else:
        scores = (served.model.predict(pair) == served.model.predict(pair)[0]).astype(float)
    return float(scores[0] - scores[1])


def test_no_rows_and_skipped_rows(served: Served) -> None:
    """Of no rows there are no predictions; of an invalid one null."""
    assert served.post("/predict", {"instances": []}) == {"predictions": []}
    good, wanted = instances_of(served.X)[:2], predictions_of(served)
    bad = {"unknown": 1}
    body: Any = {"instances": [good[0], bad, good[1]], "parameters": {"on_error": "null"}}
    assert served.post("/predict", body) == {"predictions": [wanted[0], None, wanted[1]]}


def test_openapi_describes_the_predictions(served: Served) -> None:
    """The document is valid, and the responses match it."""
    document = served.function.client.get("/openapi.json").json()
    validate(document)
    wanted = served.model.predict(served.X)
    instances = instances_of(served.X)
    outputs = served.function.client.get("/model").json()["outputs"]
    for output in outputs:
        body = {"instances": instances, "parameters": {"output": output}}
        check(document, "/predict", body, served.post("/predict", body))
    for output in {"label", "score"} & set(outputs):
        calls = {"calls": [[row] for row in instances], "userDefinedContext": {"output": output}}
        check(document, "/bigquery", calls, served.post("/bigquery", calls))
    schema = schema_of(document, "/predict", "responses")
    wrong = {"predictions": [[0.5]]} if wanted.ndim == 1 else {"predictions": [wanted[0].tolist()[:-1]]}
    assert not Draft202012Validator(schema).is_valid(wrong)


def schema_of(document: Any, path: str, side: str) -> Any:
    """Return the schema of a request's or a response's JSON."""
    operation = document["paths"][path]["post"]
    described = operation["requestBody"] if side == "requestBody" else operation["responses"]["200"]
    return {**described["content"]["application/json"]["schema"], "components": document["components"]}


def check(document: Any, path: str, body: Any, response: Any) -> None:
    """Check a request and its response against the document."""
    Draft202012Validator(schema_of(document, path, "requestBody")).validate(body)
    Draft202012Validator(schema_of(document, path, "responses")).validate(response)


def test_score_adds_a_column_for_each_output(served: Served, tmp_path: Path) -> None:
    """Offline, with the same numbers."""
    data, out = tmp_path / "rows.csv", tmp_path / "scored.csv"
    served.X.to_csv(data, index=False)
    result = run("score", "--data", data, "--out", out, "--model", served.path)
    assert result.exit_code == 0, result.output
    with out.open() as file:
        scored = list(csv.DictReader(file))
    wanted = served.model.predict(served.X)
    columns = ["prediction"] if wanted.ndim == 1 else [f"prediction_y{i}" for i in range(wanted.shape[1])]
    for column, values in zip(columns, wanted.reshape(ROWS, -1).T.tolist(), strict=True):
        found = [type(values[0])(row[column]) for row in scored]
        assert found == (list(map(about, values)) if served.name == "two-values" else values)
    if TASKS[served.name] == "outlier":
        columns.append("score")
        scores = served.model.decision_function(served.X).tolist()
        assert [float(row["score"]) for row in scored] == pytest.approx(scores, rel=1e-12)
    if served.name == "gaussian-mixture":
        columns += [f"probability_{i}" for i in range(3)]
    assert list(scored[0]) == [*served.X, *columns]
