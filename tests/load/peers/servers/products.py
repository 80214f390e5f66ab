"""Model servers."""

from collections.abc import Mapping
from typing import Any

from tests.load.peers.servers.server import ROW, VECTOR, Question, Server, lock_of, serving

_VECTOR = Question("/predict", {"test_array": VECTOR}, ("prediction",))
_ROW = Question("/rows", {"instances": [ROW]}, ("predictions", 0))
_OUTPUT = ("outputs", 0, "data", 0)
_DATATYPES = {str: "BYTES", int: "INT64"}


def _open_inference(*inputs: tuple[str, list[int], str, list[Any]], **parameters: str) -> dict[str, Any]:
    named: list[dict[str, Any]] = [
        dict(zip(("name", "shape", "datatype", "data"), each, strict=True)) for each in inputs
    ]
    if parameters:  # MLServer's, by which it makes a table of the inputs.
        for each in named:
            if each["datatype"] == "BYTES":
                each["parameters"] = {"content_type": "str"}
    return {"id": "1", "parameters": parameters, "inputs": named}


def _columns(shape: list[int], **parameters: str) -> dict[str, Any]:
    inputs = [(name, shape, _DATATYPES[type(value)], [value]) for name, value in ROW.items()]
    return _open_inference(*inputs, **parameters)


PRODUCTS: Mapping[str, Server] = {
    "kserve": Server(
        title="KServe",
        role="peer",
        command=("{bin}/python", serving("kserve_server.py"), "{models}", "{port}"),
        requirements=lock_of("kserve"),
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
        role="peer",
        command=("{bin}/mlserver", "start", "{models}"),
        requirements=lock_of("mlserver"),
        packages=("mlserver", "scikit-learn", "uvicorn"),
        vector=Question(
            "/v2/models/vector/infer", _open_inference(("encoded", [1, len(VECTOR)], "FP64", VECTOR)), _OUTPUT
        ),
        row=Question("/v2/models/row/infer", _columns([1], content_type="pd"), _OUTPUT),
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
    "bentoml": Server(
        title="BentoML",
        role="peer",
        command=("{bin}/bentoml", "serve", "tests.load.peers.serving.bentoml_service:Flights", "--port={port}"),
        requirements=lock_of("bentoml"),
        packages=("bentoml", "onnxruntime", "uvicorn"),
        vector=_VECTOR,
        row=_ROW,
        environment={"MODELS": "{models}", "BENTOML_HOME": "{models}", "BENTOML_DO_NOT_TRACK": "True"},
    ),
    "litserve": Server(
        title="LitServe",
        role="peer",
        command=("{bin}/python", "-m", "tests.load.peers.serving.litserve_server", "{port}"),
        requirements=lock_of("litserve"),
        packages=("litserve", "onnxruntime", "uvicorn"),
        vector=_VECTOR,
        row=_ROW,
        environment={"MODELS": "{models}"},
    ),
    "mlflow": Server(
        title="MLflow",
        role="peer",
        # What `mlflow models serve` starts, and then waits for: this leaves out the process that waits.
        command=("{bin}/uvicorn", "--port={port}", "--workers=1", "mlflow.pyfunc.scoring_server.app:app"),
        requirements=lock_of("mlflow"),
        packages=("mlflow", "scikit-learn", "uvicorn"),
        vector=Question("/invocations", {"inputs": [VECTOR]}, ("predictions", 0)),
        row=Question(
            "/invocations",
            {"dataframe_split": {"columns": list(ROW), "data": [list(ROW.values())]}},
            ("predictions", 0),
        ),
        environment={
            "__pyfunc_model_path__": "{models}/{kind}/mlflow",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "UVICORN_LOG_LEVEL": "error",
            "UVICORN_ACCESS_LOG": "false",
        },
        convert="mlflow_models.py",
    ),
    "pytriton": Server(
        title="PyTriton",
        role="peer",
        command=("{bin}/python", "-m", "tests.load.peers.serving.pytriton_server", "{port}", "{other}", "{another}"),
        requirements=lock_of("pytriton"),
        packages=("nvidia-pytriton", "onnxruntime"),
        vector=Question(
            "/v2/models/vector/infer", _open_inference(("encoded", [1, len(VECTOR)], "FP32", VECTOR)), _OUTPUT
        ),
        row=Question("/v2/models/row/infer", _columns([1, 1]), _OUTPUT),
        environment={"MODELS": "{models}", "PYTRITON_HOME": "{models}"},
    ),
}
