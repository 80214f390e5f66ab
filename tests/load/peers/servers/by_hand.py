"""Applications written by hand: the original service's way, and an expert's on ONNX Runtime."""

from collections.abc import Mapping
from dataclasses import replace

from tests.load.peers.servers.server import AS_AT_FIRST, ROW, Question, Server, lock_of, serving

_MODULE = "tests.load.peers.serving"
_UVICORN = ("{bin}/uvicorn", "--port={port}", "--loop=uvloop", "--http=httptools", "--ws=none", "--no-access-log")
_GRANIAN = ("{bin}/granian", "--port={port}", "--interface=asgi", "--loop=uvloop", "--http=1", "--no-ws", "--workers=1")
_FASTAPI_ONNX = Server(
    title="FastAPI, ONNX Runtime",
    role="rival",
    command=(*_UVICORN, f"{_MODULE}.fastapi_onnx:app"),
    requirements=lock_of("fastapi-onnx"),
    packages=("fastapi", "pydantic", "onnxruntime", "uvicorn"),
    vector=AS_AT_FIRST,
    row=Question("/rows/", {"instances": [ROW]}, ("predictions", 0)),
    table="/rows/",
    environment={"MODELS": "{models}"},
)
_LITESTAR_ONNX = replace(
    _FASTAPI_ONNX,
    title="Litestar, ONNX Runtime",
    command=(*_UVICORN, f"{_MODULE}.litestar_onnx:app"),
    requirements=lock_of("litestar-onnx"),
    packages=("litestar", "msgspec", "onnxruntime", "uvicorn"),
)
BY_HAND: Mapping[str, Server] = {
    "fastapi": Server(
        title="FastAPI, unpickling",
        role="peer",
        command=("{bin}/python", serving("fastapi_server.py"), "{models}", "{port}"),
        requirements=lock_of("fastapi"),
        packages=("fastapi", "scikit-learn", "uvicorn"),
        vector=AS_AT_FIRST,
        row=Question("/row/", ROW, ("prediction",)),
    ),
    "fastapi-onnx": _FASTAPI_ONNX,
    "litestar-onnx": _LITESTAR_ONNX,
    "granian-onnx": replace(
        _LITESTAR_ONNX,
        title="Litestar, ONNX, Granian",
        command=(*_GRANIAN, f"{_MODULE}.litestar_onnx:app"),
        packages=("granian", "litestar", "msgspec", "onnxruntime"),
    ),
}
