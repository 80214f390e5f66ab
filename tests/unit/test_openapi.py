"""The OpenAPI document, without a process."""

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec import StructMeta

from function.http import descriptions
from function.http.openapi.document import OPERATIONS, document
from function.http.openapi.json_schema import plain
from function.http.routes import TABLE
from function.model.loaded import LoadedModel, load
from function.protocols import bigquery, kserve, mlflow, predictions, rows
from function.protocols.open_inference import inference, metadata, structs
from model_training.bundling.building import Packed
from tests.support.foreign_models import MODELS, Foreign
from tests.support.packed_models import packed_of
from tests.support.task_models import TASK_MODELS
from tests.support.task_models import rows as rows_of_tasks
from tests.support.variants import LIMIT

OTHER = ("isolation-forest", "gaussian-mixture", "two-values", "two-texts")
PREDICTIONS = ("/predict", "/v1/models/{model}:predict", "/v2/models/{model}/infer", "/bigquery", "/invocations")


@pytest.fixture(scope="module", params=["flights", "mixed", "multiclass", "regression", *OTHER])
def model(request: pytest.FixtureRequest, packed: Packed) -> LoadedModel:
    """A live model of each task; of one values may be missing."""
    if request.param in OTHER:
        foreign = Foreign(TASK_MODELS[request.param](), rows_of_tasks(), None)
        return load(packed_of(foreign, request.param).data, None, LIMIT)
    bundle = packed if request.param == "flights" else packed_of(MODELS[request.param](), request.param)
    return load(bundle.data, None, LIMIT)


def body_of(content: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the description of a path's body, with the schemas that it refers to."""
    described = content["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return {**described, "schema": {**described["schema"], "components": content["components"]}}


def test_every_route_is_described_except_assets() -> None:
    """And every described operation is a route."""
    routes = {f"{method} {path}" for path, handlers in TABLE.items() for method in handlers}
    assert routes - set(OPERATIONS) == {"GET /assets/{name}", "GET /assets/{folder}/{name}"}
    assert set(OPERATIONS) <= routes


def test_operations_have_unique_names() -> None:
    """Client generators need them."""
    paths = document(TABLE, None, 1)["paths"]
    names = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert len(set(names)) == len(names) == len(OPERATIONS)


def test_types_have_unique_names() -> None:
    """A component has the name of its type, so two types of one name would overwrite each other."""
    modules = (descriptions, bigquery, kserve, mlflow, inference, metadata, structs, predictions, rows)
    found = {value for module in modules for value in vars(module).values() if isinstance(value, StructMeta)}
    described = found - {module.ResponseOptions for module in (bigquery, inference, predictions)}
    names = [struct.__name__ for struct in described]
    assert len(set(names)) == len(names)


def test_descriptions_are_text() -> None:
    """Markdown markup is escaped."""
    assert plain("<img src=x> [a](b) *c* `d` 1 & 2") == r"\<img src=x\> \[a\]\(b\) \*c\* \`d\` 1 \& 2"


@pytest.mark.parametrize("path", PREDICTIONS)
def test_examples_match_the_schema(model: LoadedModel, path: str) -> None:
    """Each output of the model has at least one example, if the protocol can request it."""
    content = document(TABLE, model, 10)
    described = body_of(content, path)
    examples = [example["value"] for example in described["examples"].values()]
    for example in examples:
        Draft202012Validator(described["schema"]).validate(example)
    outputs = {example.get("parameters", {}).get("output") for example in examples}
    if path == "/predict":
        assert ("probability" in outputs) == model.has_probabilities
        assert ("score" in outputs) == model.has_scores
        assert ("explanation" in outputs) == (model.explained_by is not None)


@pytest.mark.parametrize("path", PREDICTIONS)
def test_the_schema_rejects_other_bodies(model: LoadedModel, path: str) -> None:
    """An empty body, a list, and more rows than the limit."""
    described = body_of(document(TABLE, model, 0), path)
    validator = Draft202012Validator(described["schema"])
    assert not validator.is_valid({})
    assert not validator.is_valid([])
    for example in described["examples"].values():
        if any(isinstance(example["value"].get(key), list) for key in ("instances", "calls", "dataframe_records")):
            assert not validator.is_valid(example["value"])


def test_binary_tensors_are_described(model: LoadedModel) -> None:
    """The other type of body and response, the header of both, and data that may be missing from the JSON."""
    content = document(TABLE, model, 10)
    operation = content["paths"]["/v2/models/{model}/infer"]["post"]
    for described in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
        assert list(described) == ["application/json", "application/octet-stream"]
    (header,) = (each for each in operation["parameters"] if each["in"] == "header")
    assert header["name"] in operation["responses"]["200"]["headers"]
    example = next(iter(body_of(content, "/v2/models/{model}/infer")["examples"].values()))["value"]
    for tensor in example["inputs"]:
        tensor["parameters"] = {"binary_data_size": len(tensor.pop("data"))}
    Draft202012Validator(body_of(content, "/v2/models/{model}/infer")["schema"]).validate(example)


def test_names_in_paths_are_those_of_the_live_model(model: LoadedModel) -> None:
    """And the document can be sent."""
    content = document(TABLE, model, 10)
    (name,) = content["paths"]["/v1/models/{model}"]["get"]["parameters"]
    assert name["schema"] == {"enum": [model.manifest.name]}
    assert msgspec.json.encode(content)
