"""The OpenAPI document, held against the functions that it describes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import joblib
import pytest
from openapi_spec_validator import validate

from model_training.bundling.building import Packed
from tests.support.foreign_models import MODELS
from tests.support.function_process import ROOT, FunctionProcess, uncovered
from tests.support.packed_models import packed_of
from tests.support.variants import successor

EXAMPLES = 2000


@pytest.fixture(
    scope="module", params=["flights", "mixed", "multiclass", "regression", "margins", "nameless", "bare", "none"]
)
def function(
    request: pytest.FixtureRequest, packed: Packed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FunctionProcess]:
    """A function that serves a bundle, a bare model, or nothing."""
    path = tmp_path_factory.mktemp("model") / "model.zip"
    if request.param == "bare":
        joblib.dump(MODELS["multiclass"]().model, path)
    elif request.param != "none":
        bundle = packed if request.param == "flights" else packed_of(MODELS[request.param](), request.param)
        path.write_bytes(bundle.data)
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        yield running


def document(function: FunctionProcess) -> dict[str, Any]:
    """Fetch it."""
    content: dict[str, Any] = function.client.get("/openapi.json").raise_for_status().json()
    return content


def examples(content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """List the shown bodies with the addresses that they are for."""
    for path, operations in content["paths"].items():
        body = operations.get("post", {}).get("requestBody")
        shown = body["content"]["application/json"].get("examples", {}) if body else {}
        for example in shown.values():
            parameters = (each for each in operations["post"].get("parameters", []) if each["in"] == "path")
            named = {each["name"]: each["schema"]["enum"][0] for each in parameters}
            yield path.format(**named), example["value"]


def test_it_is_a_valid_document(function: FunctionProcess) -> None:
    """By OpenAPI 3.1, with a model and without."""
    content = document(function)
    assert content["openapi"].startswith("3.1")
    validate(content)


def test_every_example_is_valid(request: pytest.FixtureRequest, function: FunctionProcess) -> None:
    """Each protocol shows bodies for the live model, if it came with rows it was tried on, which all get 200."""
    content = document(function)
    shown = list(examples(content))
    assert {path.split("/")[1] for path, _ in shown} in (set(), {"", "predict", "v1", "v2", "bigquery", "invocations"})
    assert bool(shown) == (request.node.callspec.params["function"] not in ("bare", "none"))
    for path, body in shown:
        answer = function.client.post(path, json=body)
        assert answer.status_code == httpx.codes.OK, (path, body, answer.text)


def test_rows_are_those_of_the_live_model(bundle_path: Path, packed: Packed) -> None:
    """Real names, categories as enums, descriptions, and the width of a vector."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        schemas = document(running)["components"]["schemas"]
    row = schemas["Row"]["properties"]
    assert {name: set(described["enum"]) for name, described in row.items()} == {
        feature.name: set(feature.categories or ()) for feature in packed.manifest.features
    }
    assert all(row[feature.name]["description"] for feature in packed.manifest.features if feature.description)
    assert schemas["Vector"]["minItems"] == schemas["Vector"]["maxItems"] == len(packed.manifest.encoded)


def test_it_changes_with_the_model(packed: Packed, tmp_path: Path) -> None:
    """As soon as another one is live, without a restart."""
    path = tmp_path / "model.zip"
    path.write_bytes(packed.data)
    with FunctionProcess({"MODEL_URI": str(path), "MODEL_REFRESH_SECONDS": "0"}) as running:
        first = document(running)
        path.write_bytes(successor(packed))
        second = document(running)
        path.write_bytes(packed_of(MODELS["regression"](), "prices").data)
        third = document(running)
    assert first["info"]["version"] != second["info"]["version"]
    assert first["components"] == second["components"]
    assert third["info"]["title"] == "prices"
    assert third["components"]["schemas"]["Row"] != first["components"]["schemas"]["Row"]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("model", ["flights", "multiclass", "regression"])
def test_schemathesis_finds_nothing(packed: Packed, model: str, tmp_path: Path) -> None:
    """All its checks over all operations: valid bodies get 200, invalid ones 4xx, and none 5xx."""
    path = tmp_path / "model.zip"
    path.write_bytes(packed.data if model == "flights" else packed_of(MODELS[model](), model).data)
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        words = ["run", f"{running.url}/openapi.json", "--max-examples=50", "--seed=1", "--no-color"]
        done = subprocess.run(
            [Path(sys.executable).parent / "schemathesis", f"--config-file={ROOT}/tests/schemathesis.toml", *words],
            cwd=tmp_path,
            env={**uncovered(), "SCHEMATHESIS_HOOKS": f"{ROOT}/tests/support/schemathesis_hooks.py"},
            capture_output=True,
            text=True,
            timeout=380,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-10_000:]
    counted = re.search(r"(\d+) generated", done.stdout)
    assert counted, done.stdout
    assert int(counted[1]) >= EXAMPLES
