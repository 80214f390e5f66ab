"""The function, and the least that its framework can be asked."""

from collections.abc import Mapping

from tests.load.peers.servers.server import AS_AT_FIRST, PEERS, ROW, Question, Server
from tests.support.function_process import ROOT

_OURS = Server(
    title="Taxiway",
    role="ours",
    command=("{bin}/functions-framework", "--target=predict", "--port={port}"),
    requirements=ROOT / "requirements.txt",
    packages=("functions-framework", "uvicorn", "onnxruntime"),
    vector=AS_AT_FIRST,
    row=Question("/predict/", {"instances": [ROW]}, ("predictions", 0)),
    table="/predict/",
    environment={"MODEL_URI": "{models}/model.zip", "WORKERS": "1", "LOG_EXECUTION_ID": "true"},
)
OWN: Mapping[str, Server] = {
    "taxiway": _OURS,
    "hello": Server(
        title="hello world",
        role="hello",
        command=("{bin}/functions-framework", "--target=hello", "--port={port}"),
        requirements=_OURS.requirements,
        packages=("functions-framework", "uvicorn"),
        vector=_OURS.vector,
        row=None,
        environment={"WORKERS": "1", "LOG_EXECUTION_ID": "true"},
        folder=PEERS / "serving" / "hello",
    ),
}
