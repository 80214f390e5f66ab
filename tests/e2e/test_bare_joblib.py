"""A bare `model.joblib`, uploaded as it is: served without a manifest, by scikit-learn."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import joblib
import pandas as pd
import pytest
from google.cloud import storage
from sklearn.linear_model import LinearRegression

from tests.support.foreign_models import MODELS
from tests.support.function_process import FunctionProcess

URI = "gs://models/models/flight-delay"


def upload(bucket: storage.Bucket, model: Any, **options: Any) -> bytes:
    """Upload a model with the plain client, as joblib writes it."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer, **options)
    bucket.blob("models/flight-delay").upload_from_string(buffer.getvalue())
    return buffer.getvalue()


def post(function: FunctionProcess, **body: Any) -> Any:
    """Ask for predictions, and return the answer's JSON."""
    response = function.client.post("/predict", content=json.dumps(body))
    return response.json()


@pytest.mark.parametrize("compress", [0, 3])
def test_an_upload_is_served_without_a_restart(bucket: storage.Bucket, compress: int) -> None:
    """By a process that had no model; arrays are the whole model's input, objects name its columns."""
    foreign = MODELS["multiclass"]()
    with FunctionProcess({"MODEL_URI": URI, "MODEL_REFRESH_SECONDS": "0"}) as function:
        assert function.client.post("/predict", json={"instances": []}).status_code == 503
        upload(bucket, foreign.model, compress=compress)
        rows = foreign.X.head(20)
        expected = foreign.model.predict(rows).tolist()
        arrays = json.loads(rows.to_json(orient="values"))
        objects = json.loads(rows.to_json(orient="records"))
        assert post(function, instances=arrays)["predictions"] == expected
        assert post(function, instances=objects)["predictions"] == expected
        assert post(function, test_array=arrays[0])["prediction"] == expected[0]
        probabilities = post(function, instances=objects, parameters={"output": "probability"})["predictions"]
        wanted = foreign.model.predict_proba(rows)
        assert [list(row.values()) for row in probabilities] == [pytest.approx(row) for row in wanted.tolist()]
        model = function.client.get("/model").json()
        assert (model["name"], model["engine"], model["warnings"]) == ("flight-delay", "sklearn", [])
        assert model["version"] == model["sha256"][:12]
        assert model["generation"] is not None


@pytest.fixture(scope="module")
def multiclass(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FunctionProcess]:
    """A function that serves a bare model of three classes."""
    path = tmp_path_factory.mktemp("bare") / "model.joblib"
    joblib.dump(MODELS["multiclass"]().model, path)
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        yield running


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"test_array": ["Lima", 3]}, ["test_array", "exactly 3"]),
        ({"instances": [{"town": "Lima", "age": 3}]}, ["instances[0].score", "missing"]),
        ({"instances": [{"town": "Lima", "age": 3, "score": 0, "x": 1}]}, ["instances[0].x", "unknown"]),
        (
            {"instances": [["Lima", 3, 1.0], ["Lima", "old", 1.0]]},
            ["instances[1]", "the model cannot process this row"],
        ),
        ({"instances": [["Lima", 3, 1.0]] * 9 + [["Lima", [], 1.0]]}, ["instances[9][1]", "text"]),
        ({"test_array": ["Lima", None, {}]}, ["test_array[2]"]),
    ],
)
def test_what_a_bare_model_does_not_take_is_a_422(
    multiclass: FunctionProcess, body: dict[str, Any], words: list[str]
) -> None:
    """It knows its inputs by name and number; of their values it says so only when it fails."""
    response = multiclass.client.post("/predict", content=json.dumps(body))
    assert response.status_code == 422, response.text
    for word in words:
        assert word in response.json()["error"]


def test_a_model_without_names_takes_arrays_alone(bucket: storage.Bucket) -> None:
    """And says so to objects."""
    foreign = MODELS["nameless"]()
    upload(bucket, foreign.model)
    with FunctionProcess({"MODEL_URI": URI}) as function:
        rows = foreign.X.head(5).to_numpy().tolist()
        assert post(function, instances=rows)["predictions"] == pytest.approx(foreign.model.predict(rows).tolist())
        assert "an array of exactly 2" in post(function, instances=[{"age": 1, "gain": 2}])["error"]
        assert post(function, instances=[[None, 1]])["error"].startswith("instances[0]")
        assert (
            "does not predict probabilities"
            in post(function, instances=rows, parameters={"output": "probability"})["error"]
        )


def test_a_failure_names_both_versions(bucket: storage.Bucket) -> None:
    """The one that made the file, and the one that could not read it."""
    data = upload(bucket, LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]))
    version = re.search(rb"_sklearn_version\x94\x8c.(\d+\.\d+\.\d+)", data)
    assert version is not None
    older = data.replace(version[1], b"1.2" + b"." + version[1].rpartition(b".")[2])
    bucket.blob("models/flight-delay").upload_from_string(older.replace(b"LinearRegression", b"LinearRegressioX"))
    with FunctionProcess({"MODEL_URI": URI}) as function:
        error = post(function, instances=[])["error"]
    assert "LinearRegressioX" in error
    assert re.search(rf"made by scikit-learn 1\.2\.\d+, read by {re.escape(version[1].decode())}", error)


def test_another_minor_version_is_served_with_a_warning(bucket: storage.Bucket) -> None:
    """Which names both; the last part of a version does not matter."""
    model = LinearRegression().fit(pd.DataFrame({"a": [1.0, 2.0]}), [1.0, 2.0])
    data = upload(bucket, model)
    version = re.search(rb"_sklearn_version\x94\x8c.(\d+\.\d+\.\d+)", data)
    assert version is not None
    older = data.replace(version[1], b"1.2" + b"." + version[1].rpartition(b".")[2])
    assert len(older) == len(data)
    bucket.blob("models/flight-delay").upload_from_string(older)
    with FunctionProcess({"MODEL_URI": URI}) as function:
        assert post(function, instances=[{"a": 3}]) == {"predictions": [pytest.approx(3.0)]}
        (warning,) = function.client.get("/model").json()["warnings"]
        assert "made by scikit-learn 1.2." in warning
        assert f"served by {version[1].decode()}" in warning
