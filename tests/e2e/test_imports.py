"""What a served request imports: next to nothing, which is what a cold start is made of."""

import json
import subprocess
import sys
from pathlib import Path

from tests.load.peers.servers.server import VECTOR
from tests.support.function_process import ROOT

SERVED = """
import asyncio, json, os, sys
from functions_framework.aio import create_asgi_app

app = create_asgi_app("predict", "main.py")

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
    asyncio.run(ask(sys.argv[1].encode()))
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
}
UNUSED = {
    "google.cloud.storage",
    "a2wsgi",
    "swagger_ui",
    "function.model.engines.sklearn",
    "function.model.joblib.unpickle",
}
OURS = {"msgspec", "numpy", "starlette"}


def test_a_prediction_imports_nothing_heavy(bundle_path: Path) -> None:
    """By coefficients from a local file: no ONNX Runtime, no scikit-learn, no bucket client; and once is enough."""
    command = [sys.executable, "-c", SERVED, json.dumps({"test_array": VECTOR})]
    environment = {"PATH": "", "MODEL_URI": str(bundle_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answers, first, second = json.loads(done.stdout)
    assert [set(json.loads(answer)) for answer in answers] == [{"prediction"}, {"prediction"}]
    assert not (HEAVY | UNUSED) & set(first)
    assert set(first) >= OURS
    assert second == first
