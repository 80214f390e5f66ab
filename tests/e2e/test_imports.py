"""What a served request imports: next to nothing, which is what a cold start is made of."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage

from tests.load.peers.servers.own import OWN as OWN_SERVERS
from tests.load.peers.servers.server import VECTOR
from tests.local_cloud import LocalCloud
from tests.support.function_process import ROOT

SERVED = """
import asyncio, json, os, sys
from functions_framework.aio import create_asgi_app

app = create_asgi_app(sys.argv[1], "main.py")

async def ask(body):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}
    async def send(message):
        answered.append(message)
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/predict/", "headers": headers, "query_string": b""}
    await app(scope, receive, send)

answered, known = [], []
for _ in range(2):
    asyncio.run(ask(sys.argv[2].encode()))
    known.append(sorted(sys.modules))
print(json.dumps([[message["body"].decode() for message in answered if "body" in message], *known]))
"""
"""Asks twice, and tells the answers and what was imported after each."""
HEAVY = {
    "sklearn",
    "joblib",
    "scipy",
    "pandas",
    "pyarrow",
    "onnx",
    "skl2onnx",
    "rich",
    "typer",
    "pydantic",
    "jsonschema",
    # What a linear model does without.
    "onnxruntime",
    # What reading a bucket does without.
    "google.cloud.storage",
    "google.auth",
    "google.api_core",
    "google.protobuf",
    "requests",
    "urllib3",
    "cryptography",
    "opentelemetry",
}
UNUSED = {
    "a2wsgi",
    "swagger_ui",
    "function.http.dialects",
    "function.http.openapi",
    "function.model.engines.graph",
    "function.model.engines.onnx",
    "function.model.engines.sklearn",
    "function.model.joblib.unpickle",
    "function.model.texts",
    "function.protocols.bigquery",
    "function.protocols.mlflow",
    "function.protocols.open_inference.inference",
    "function.protocols.tables.arrow",
}
BUCKET = {"function.live.bucket", "function.live.credentials"}
OURS = {"msgspec", "numpy", "starlette"}
OTHERS, OWN = 115, 74
"""How many modules a first prediction may import besides those of the framework's hello world: of others, and ours.

Those of others are numpy's, msgspec's and what these import of Python's library: their updates may change the number.
"""
OTHERS_BUCKET, OWN_BUCKET = 20, 2
"""How many more if the model is in a bucket."""


def told(program: str, *arguments: str, folder: Path = ROOT, **environment: str) -> Any:
    """Run a program in a process of its own, and return the JSON that it prints."""
    command, environment = [sys.executable, "-c", program, *arguments], {"PATH": "", **environment}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def served(folder: Path, target: str, **environment: str) -> tuple[Sequence[str], set[str], set[str]]:
    """Return the responses to two requests, and what a process has imported after each."""
    body = json.dumps({"test_array": VECTOR})
    responses, first, second = told(SERVED, target, body, folder=folder, **environment)
    return responses, set(first), set(second)


@pytest.fixture(scope="module")
def framework() -> set[str]:
    """The modules of the framework's hello world."""
    _, first, _ = served(OWN_SERVERS["hello"].folder, "hello")
    return first


def own(modules: set[str]) -> set[str]:
    """Return the modules of the function."""
    return {name for name in modules if name.partition(".")[0] == "function"}


def test_a_prediction_imports_nothing_heavy(bundle_path: Path, framework: set[str]) -> None:
    """By coefficients from a local file: no ONNX Runtime, no scikit-learn, no bucket, no other protocol; once."""
    responses, first, second = served(ROOT, "predict", MODEL_URI=str(bundle_path))
    assert [set(json.loads(response)) for response in responses] == [{"prediction"}, {"prediction"}]
    assert not (HEAVY | UNUSED | BUCKET) & first
    assert first >= OURS
    assert second == first
    assert len(own(first)) <= OWN
    assert len(first - framework - own(first)) <= OTHERS


def test_a_model_in_a_bucket_imports_no_client_library(
    bundle_path: Path, bucket: storage.Bucket, cloud: LocalCloud, framework: set[str]
) -> None:
    """A few modules more than a model on this machine."""
    bucket.blob("model").upload_from_filename(bundle_path)
    environment = {"MODEL_URI": "gs://models/model", **cloud.environment()}
    responses, first, second = served(ROOT, "predict", **environment)
    assert [set(json.loads(response)) for response in responses] == [{"prediction"}, {"prediction"}]
    assert not (HEAVY | UNUSED) & first
    assert first >= BUCKET
    assert second == first
    assert len(own(first)) <= OWN + OWN_BUCKET
    assert len(first - framework - own(first)) <= OTHERS + OTHERS_BUCKET


def test_no_garbage_is_collected_during_the_imports() -> None:
    """What they create stays; afterwards it is left out, and the collector is on."""
    program = """
import gc, json, functions_framework.aio
counts = lambda: [each["collections"] for each in gc.get_stats()]
before = counts()
import main
print(json.dumps([before, counts(), gc.get_freeze_count(), gc.isenabled()]))
"""
    before, after, frozen, enabled = told(program, MODEL_URI="model")
    assert before == after
    assert frozen > 20_000
    assert enabled


def test_numpy_is_imported_before_the_function() -> None:
    """Not from deep inside it, where the import takes twice the time."""
    imported = told("import json, sys, main; print(json.dumps(list(sys.modules)))", MODEL_URI="model")
    assert imported.index("numpy") < imported.index("function")
