"""A LitServe server on ONNX Runtime, a worker for each form of the model.

python -m tests.load.peers.serving.litserve_server PORT
"""

import sys
from typing import Any

import litserve as ls

from tests.load.peers.serving.onnx_models import NAMES, Rows, Vectors


class VectorAPI(ls.LitAPI):  # type: ignore[misc] # it is not installed here
    """Encoded vectors."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self._model = Vectors()

    def predict(self, body: dict[str, Any]) -> dict[str, int]:
        """Predict one."""
        return {"prediction": self._model.predict([body["test_array"]])[0]}


class RowAPI(ls.LitAPI):  # type: ignore[misc]
    """Named features."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self._model = Rows()

    def predict(self, body: dict[str, Any]) -> dict[str, list[int]]:
        """Predict all of a body."""
        columns = {name: [row[name] for row in body["instances"]] for name in NAMES}
        return {"predictions": self._model.predict(columns)}


if __name__ == "__main__":
    server = ls.LitServer(
        [VectorAPI(api_path="/predict"), RowAPI(api_path="/rows")],
        accelerator="cpu",
        workers_per_device=1,
        fast_queue=True,
        timeout=False,
    )
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error", access_log=False)
