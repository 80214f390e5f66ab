"""The same rows through every dialect: the same labels, and probabilities within 1e-6."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import joblib
import numpy as np
import pandas as pd
import pytest

from function.model.bundle import JOBLIB, read_bundle
from function.model.engines.inputs import input_of
from function.model.engines.sklearn import encode
from function.model.joblib.bare import read_joblib
from model_training.bundling.building import Packed
from tests.support.foreign_models import MODELS, Foreign
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of, packed_of
from tests.support.variants import LIMIT

ROWS = 100
Answers = tuple[list[Any], list[Any]]
"""Labels, and a probability each class or the positive class's; none of a regression."""


@dataclass(frozen=True)
class Case:
    """A running function, and rows for it, natural and encoded."""

    function: FunctionProcess
    packed: Packed
    instances: list[dict[str, Any]]
    vectors: list[list[float]]

    @property
    def name(self) -> str:
        """The model's."""
        return self.packed.manifest.name

    def post(self, path: str, **body: Any) -> Any:
        """Post a body, and return the JSON of the response."""
        response = self.function.client.post(path, json=body)
        assert response.status_code == 200, response.text
        assert response.headers["x-model-version"] == self.packed.manifest.version
        return response.json()

    def ask(self, path: str, instances: Sequence[Any], key: str = "instances") -> Answers:
        """Ask by the rows protocol, or KServe's V1, for labels and for probabilities."""
        labels = self.post(path, **{key: instances})["predictions"]
        if self.packed.manifest.task == "regression":
            return labels, []
        given = self.post(path, **{key: instances}, parameters={"output": "probability"})["predictions"]
        return labels, [list(p.values()) if isinstance(p, dict) else [1 - p, p] for p in given]

    def infer(self, inputs: list[dict[str, Any]]) -> Answers:
        """Ask by the Open Inference Protocol, which gives both at once."""
        answer = self.post(f"/v2/models/{self.name}/infer", inputs=inputs)
        outputs = {output["name"]: output for output in answer["outputs"]}
        assert outputs["predict"]["shape"] == [ROWS]
        if "predict_proba" not in outputs:
            return outputs["predict"]["data"], []
        probabilities = np.reshape(outputs["predict_proba"]["data"], outputs["predict_proba"]["shape"])
        return outputs["predict"]["data"], probabilities.tolist()

    def call(self, calls: list[list[Any]]) -> Answers:
        """Ask as BigQuery does, which gets probabilities of two classes alone."""
        labels = self.post("/bigquery", calls=calls, userDefinedContext={"output": "label"})["replies"]
        default = self.post("/bigquery", calls=calls)["replies"]
        if self.packed.manifest.task == "binary":
            return labels, [[1 - p, p] for p in default]
        assert default == labels
        return labels, []


def flights(packed: Packed) -> list[dict[str, Any]]:
    """Combine the categories into rows that differ."""
    features = packed.manifest.features
    product = itertools.product(*(feature.categories or () for feature in reversed(features)))
    names = [feature.name for feature in reversed(features)]
    return [dict(zip(names, row, strict=True)) for row in itertools.islice(product, 0, None, 17)][:ROWS]


@pytest.fixture(scope="module", params=["flights", "mixed", "multiclass", "regression"])
def model(request: pytest.FixtureRequest, packed: Packed) -> tuple[Packed, list[dict[str, Any]]]:
    """A bundle, and natural rows for it: two classes (compiled or not, values missing), three, a value."""
    if request.param == "flights":
        return packed, flights(packed)
    foreign = MODELS[request.param]()
    return packed_of(foreign, request.param), instances_of(foreign.X.head(ROWS))


@pytest.fixture(scope="module", params=["predict", "predict_flask"])
def case(
    request: pytest.FixtureRequest, model: tuple[Packed, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Case]:
    """A function that serves the bundle."""
    packed, instances = model
    path = tmp_path_factory.mktemp("model") / "model.zip"
    path.write_bytes(packed.data)
    pipeline, _ = read_joblib(read_bundle(packed.data, LIMIT).read(JOBLIB), LIMIT)
    table = pd.DataFrame(instances, columns=[feature.name for feature in packed.manifest.features])
    vectors = encode(pipeline, input_of(pipeline, table.fillna(np.nan))).tolist()
    with FunctionProcess({"MODEL_URI": str(path)}, target=request.param) as running:
        yield Case(running, packed, instances, vectors)


def columns(case: Case, *, nested: bool) -> list[dict[str, Any]]:
    """Write the rows as an input each column, of the datatype that the metadata names."""
    offered = case.function.client.get(f"/v2/models/{case.name}").json()["inputs"]
    values = {name: [row[name] for row in case.instances] for name in case.instances[0]}
    return [
        {
            **tensor,
            "shape": [ROWS, 1] if nested else [ROWS],
            "data": [[value] for value in values[tensor["name"]]] if nested else values[tensor["name"]],
        }
        for tensor in offered
    ]


def matrix(case: Case, *, nested: bool) -> list[dict[str, Any]]:
    """Write the encoded vectors as one input."""
    width = len(case.vectors[0])
    data = case.vectors if nested else list(itertools.chain.from_iterable(case.vectors))
    return [{"name": "any", "shape": [ROWS, width], "datatype": "FP64", "data": data}]


def test_every_dialect_gives_the_same(case: Case) -> None:
    """Named rows of the rows protocol are what the others are compared with."""
    names = [feature.name for feature in case.packed.manifest.features]
    v1 = f"/v1/models/{case.name}:predict"
    labels, probabilities = case.ask("/predict", case.instances)
    assert len(labels) == ROWS
    others = {
        "rows, encoded": case.ask("/predict", case.vectors),
        "KServe V1, named": case.ask(v1, case.instances),
        "KServe V1, inputs": case.ask(v1, case.instances, "inputs"),
        "KServe V1, encoded": case.ask(v1, case.vectors),
        "V2, columns": case.infer(columns(case, nested=False)),
        "V2, nested columns": case.infer(columns(case, nested=True)),
        "V2, columns in another order": case.infer(columns(case, nested=False)[::-1]),
        "V2, matrix": case.infer(matrix(case, nested=False)),
        "V2, nested matrix": case.infer(matrix(case, nested=True)),
        "BigQuery, arguments": case.call([[row[name] for name in names] for row in case.instances]),
        "BigQuery, JSON object": case.call([[row] for row in case.instances]),
        "BigQuery, JSON array": case.call([[vector] for vector in case.vectors]),
    }
    for dialect, (given, chances) in others.items():
        same = pytest.approx(labels, rel=1e-6) if case.packed.manifest.task == "regression" else labels
        assert given == same, dialect
        if chances:
            np.testing.assert_allclose(chances, probabilities, atol=1e-6, err_msg=dialect)


def test_a_bad_value_is_named_in_every_dialect(case: Case) -> None:
    """By its row and its feature, in the dialect's own words, and it is not repeated."""
    feature = case.packed.manifest.features[0]
    bad = [*case.instances[:3], {**case.instances[3], feature.name: ["<secret>"]}]
    inputs = [
        {**tensor, "shape": [4], "data": [row[tensor["name"]] for row in bad]} for tensor in columns(case, nested=False)
    ]
    # Nested data would be a matter of the shape.
    inputs[0]["data"][3] = {"<secret>": 1}
    names = [feature.name for feature in case.packed.manifest.features]
    v1, v2 = f"/v1/models/{case.name}:predict", f"/v2/models/{case.name}/infer"
    for path, status, key, place, body in (
        ("/predict", 422, "error", f"instances[3].{feature.name}: ", {"instances": bad}),
        (v1, 400, "error", f"inputs[3].{feature.name}: ", {"inputs": bad}),
        (v2, 400, "error", f"inputs.{feature.name}[3]: ", {"inputs": inputs}),
        (
            "/bigquery",
            400,
            "errorMessage",
            f"calls[3][0].{feature.name}: ",
            {"calls": [[r[n] for n in names] for r in bad]},
        ),
        ("/bigquery", 400, "errorMessage", f"calls[3][0].{feature.name}: ", {"calls": [[row] for row in bad]}),
    ):
        response = case.function.client.post(path, json=body)
        assert response.status_code == status
        assert response.json()[key].startswith(f"{place}expected ")
        assert "secret" not in response.text


@dataclass(frozen=True)
class Bare:
    """A function that serves a bare joblib of a foreign model."""

    function: FunctionProcess
    foreign: Foreign
    name: str

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Ask by a path, in which {model} is the model's name."""
        return self.function.client.post(path.format(model=self.name), json=body)


@pytest.fixture(scope="module", params=["multiclass", "nameless"])
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """A model that knows its columns by name, and one that knows them by number; neither knows their types."""
    foreign, path = MODELS[request.param](), tmp_path_factory.mktemp("bare") / "model"
    joblib.dump(foreign.model, path)
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        (name,) = running.client.get("/v1/models").json()["models"]
        yield Bare(running, foreign, name)


INFER = "/v2/models/{model}/infer"


def test_a_bare_model_speaks_every_dialect(bare: Bare) -> None:
    """Arrays and matrices are its whole input; columns, where it has names."""
    X = bare.foreign.X.fillna(0).head(ROWS)
    named = hasattr(bare.foreign.model, "feature_names_in_")
    labels = bare.foreign.model.predict(X if named else X.to_numpy()).tolist()
    arrays, objects = X.astype(object).to_numpy().tolist(), instances_of(X)
    tensor = {"name": "x", "shape": list(X.shape), "datatype": "BYTES" if named else "FP64", "data": arrays}
    given = [
        bare.post("/v1/models/{model}:predict", instances=arrays).json()["predictions"],
        bare.post(INFER, inputs=[tensor]).json()["outputs"][0]["data"],
        bare.post("/bigquery", calls=arrays).json()["replies"],
        bare.post("/bigquery", calls=[[array] for array in arrays]).json()["replies"],
    ]
    offered = bare.function.client.get(f"/v2/models/{bare.name}").json()["inputs"]
    assert [tensor["name"] for tensor in offered] == (list(X) if named else ["vectors"])
    if named:
        columns = [{**tensor, "shape": [ROWS], "data": X[tensor["name"]].tolist()} for tensor in offered]
        given.append(bare.post(INFER, inputs=columns).json()["outputs"][0]["data"])
        given.append(bare.post("/bigquery", calls=[[row] for row in objects]).json()["replies"])
    assert given == [pytest.approx(labels) if isinstance(labels[0], float) else labels] * len(given)


def test_what_a_bare_model_does_not_take_is_a_400(bare: Bare) -> None:
    """By the row, which is all that is known; or null, where BigQuery says so."""
    X = bare.foreign.X.fillna(0).head(5).astype(object)
    good, bad = X.to_numpy().tolist(), X.to_numpy().tolist()
    bad[2][-1] = "many"
    tensor = {"name": "x", "shape": list(X.shape), "datatype": "BYTES", "data": bad}
    for path, key, place, body in (
        ("/v1/models/{model}:predict", "error", "instances[2]", {"instances": bad}),
        (INFER, "error", "inputs[0][2]", {"inputs": [tensor]}),
        ("/bigquery", "errorMessage", "calls[2]", {"calls": bad}),
    ):
        response = bare.post(path, **body)
        assert response.status_code == 400
        assert response.json()[key] == f"{place}: the model cannot process this row"
    expected = bare.post("/bigquery", calls=good).json()["replies"]
    given = bare.post("/bigquery", calls=bad, userDefinedContext={"on_error": "null"}).json()["replies"]
    assert given[2] is None
    # The last bit of scikit-learn's own sums depends on how many rows are predicted together.
    for got, wanted in zip(given[:2] + given[3:], expected[:2] + expected[3:], strict=True):
        assert got == (pytest.approx(wanted, rel=1e-12) if isinstance(wanted, float) else wanted)
    none = bare.post("/bigquery", calls=bad[2:3], userDefinedContext={"on_error": "null"})
    assert none.json() == {"replies": [None]}
    assert bare.post("/bigquery", calls=[[1]]).status_code == 400


@pytest.mark.parametrize("bare", ["nameless"], indirect=True)
def test_a_model_without_names_rejects_named_inputs(bare: Bare) -> None:
    """The error says what it accepts instead."""
    tensors = [{"name": name, "shape": [1], "datatype": "FP64", "data": [1]} for name in ("age", "gain")]
    response = bare.post(INFER, inputs=tensors)
    assert (response.status_code, "one matrix" in response.json()["error"]) == (400, True)
    response = bare.post("/bigquery", calls=[[{"age": 1, "gain": 2}]])
    assert (response.status_code, "an array of exactly 2" in response.json()["errorMessage"]) == (400, True)
    response = bare.post("/bigquery", calls=[[1, 2]], userDefinedContext={"output": "probability"})
    assert response.status_code == 200


def test_a_model_without_probabilities_reports_it(tmp_path: Path) -> None:
    """If they are requested; otherwise it predicts labels."""
    packed = packed_of(MODELS["margins"](), "margins")
    (tmp_path / "model.zip").write_bytes(packed.data)
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        post = function.client.post
        assert post("/bigquery", json={"calls": [[80, 1.0]]}).json() == {"replies": [1]}
        asked = {"output": "probability"}
        response = post("/bigquery", json={"calls": [[80, 1.0]], "userDefinedContext": asked})
        assert (response.status_code, "does not predict probabilities" in response.json()["errorMessage"]) == (
            400,
            True,
        )
        inputs = [
            {"name": "age", "shape": [1], "datatype": "INT64", "data": [80]},
            {"name": "gain", "shape": [1], "datatype": "FP64", "data": [1.0]},
        ]
        path = "/v2/models/margins/infer"
        assert [output["name"] for output in post(path, json={"inputs": inputs}).json()["outputs"]] == ["predict"]
        response = post(path, json={"inputs": inputs, "outputs": [{"name": "predict_proba"}]})
        assert (response.status_code, response.json()["error"]) == (400, "outputs[0].name: expected one of predict")
