"""Everybody that is measured, as a table: how each is started, and how it is asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.function_process import ROOT

HERE = Path(__file__).parent
VECTOR = [
    0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0,
]  # fmt: skip
"""The original service's example; its label is 0."""
ROW = {"carrier": "EV", "month": 7, "origin": "EWR", "period": "evening"}
"""Its label is 1."""
LABELS = {"vector": 0, "row": 1}


@dataclass(frozen=True)
class Question:
    """How a server is asked: a path, a body, and where in the answer the label is."""

    path: str
    body: Any
    label: tuple[str | int, ...]

    @property
    def content(self) -> bytes:
        """The body as JSON."""
        return json.dumps(self.body, separators=(",", ":")).encode()

    def label_of(self, answer: bytes) -> Any:
        """Return the label in an answer; a LookupError or ValueError where there is none."""
        found = json.loads(answer)
        for key in self.label:
            found = found[key]
        return found


@dataclass(frozen=True)
class Server:
    """One of those compared; `{bin}`, `{models}`, `{port}`, `{other}` and `{another}` stand for what a run has."""

    title: str
    command: tuple[str, ...]
    requirements: Path
    """A requirements.txt, or a uv.lock."""
    packages: tuple[str, ...]
    """Whose versions are told."""
    vector: Question
    row: Question | None
    python: str = ">=3.11,<3.14"
    """The versions that the locked release supports."""
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    peer: bool = True


def _open_inference(*inputs: tuple[str, list[int], str, list[Any]], **parameters: str) -> dict[str, Any]:
    named: list[dict[str, Any]] = [
        dict(zip(("name", "shape", "datatype", "data"), each, strict=True)) for each in inputs
    ]
    for each in named:
        if each["datatype"] == "BYTES":
            each["parameters"] = {"content_type": "str"}
    return {"id": "1", "parameters": parameters, "inputs": named}


_OURS = Server(
    title="Taxiway",
    command=("{bin}/functions-framework", "--target=predict", "--port={port}"),
    requirements=ROOT / "requirements.txt",
    packages=("functions-framework", "uvicorn", "onnxruntime"),
    vector=Question("/predict/", {"test_array": VECTOR}, ("prediction",)),
    row=Question("/predict/", {"instances": [ROW]}, ("predictions", 0)),
    environment={"MODEL_URI": "{models}/model.zip", "WORKERS": "1", "LOG_EXECUTION_ID": "true"},
    peer=False,
)
SERVERS: Mapping[str, Server] = {
    "taxiway": _OURS,
    "hello": Server(
        title="hello world",
        command=("{bin}/functions-framework", "--target=hello", "--port={port}"),
        requirements=_OURS.requirements,
        packages=("functions-framework", "uvicorn"),
        vector=_OURS.vector,
        row=None,
        environment={"WORKERS": "1", "LOG_EXECUTION_ID": "true"},
        folder=HERE / "serving" / "hello",
        peer=False,
    ),
    "kserve": Server(
        title="KServe",
        command=("{bin}/python", f"{HERE}/serving/kserve_server.py", "{models}", "{port}"),
        requirements=HERE / "environments" / "kserve" / "uv.lock",
        packages=("kserve", "scikit-learn", "uvicorn"),
        vector=Question("/v1/models/vector:predict", {"instances": [VECTOR]}, ("predictions", 0)),
        row=Question(
            "/v1/models/row:predict",
            {"instances": [{name: [value] for name, value in ROW.items()}]},
            ("predictions", 0),
        ),
    ),
    "mlserver": Server(
        title="MLServer",
        command=("{bin}/mlserver", "start", "{models}"),
        requirements=HERE / "environments" / "mlserver" / "uv.lock",
        packages=("mlserver", "scikit-learn", "uvicorn"),
        vector=Question(
            "/v2/models/vector/infer",
            _open_inference(("encoded", [1, len(VECTOR)], "FP64", VECTOR)),
            ("outputs", 0, "data", 0),
        ),
        row=Question(
            "/v2/models/row/infer",
            _open_inference(
                *((name, [1], "BYTES" if isinstance(value, str) else "INT64", [value]) for name, value in ROW.items()),
                content_type="pd",
            ),
            ("outputs", 0, "data", 0),
        ),
        python=">=3.11,<3.13",
        # On one core a second process for the model only costs.
        environment={
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_DEBUG": "false",
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_GRPC_PORT": "{other}",
            "MLSERVER_METRICS_PORT": "{another}",
        },
    ),
    "fastapi": Server(
        title="FastAPI, unpickling",
        command=("{bin}/python", f"{HERE}/serving/fastapi_server.py", "{models}", "{port}"),
        requirements=HERE / "environments" / "fastapi" / "uv.lock",
        packages=("fastapi", "scikit-learn", "uvicorn"),
        vector=Question("/predict/", {"test_array": VECTOR}, ("prediction",)),
        row=Question("/row/", ROW, ("prediction",)),
    ),
}
