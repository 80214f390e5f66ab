"""KServe, as its scikit-learn server is: that one is not on PyPI, so this is the same use of the same SDK.

A model is read once, and asked by `predict` of whatever the SDK makes of the body
(https://github.com/kserve/kserve, python/sklearnserver).

python kserve_server.py FOLDER PORT
"""

import sys
from pathlib import Path
from typing import Any

import joblib
from kserve import Model, ModelServer
from kserve.utils.utils import get_predict_input, get_predict_response


class SklearnModel(Model):  # type: ignore[misc] # it ships no types
    """A joblib file."""

    def __init__(self, name: str, path: Path) -> None:
        """Read it."""
        super().__init__(name)
        self._estimator = joblib.load(path)
        self.ready = True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        """Predict on the event loop, as the SDK asks a method that is not a coroutine."""
        return get_predict_response(payload, self._estimator.predict(get_predict_input(payload)), self.name)


if __name__ == "__main__":
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    models = [SklearnModel(name, folder / name / "model.joblib") for name in ("vector", "row")]
    ModelServer(http_port=port, enable_grpc=False).start(models)
