"""A BentoML service on ONNX Runtime.

bentoml serve tests.load.peers.serving.bentoml_service:Flights
"""

from typing import Any

import bentoml

from tests.load.peers.serving.onnx_models import NAMES, Rows, Vectors


@bentoml.service(
    workers=1,
    http={"access_log": {"enabled": False}},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class Flights:
    """Both forms of the model."""

    def __init__(self) -> None:
        """Load them."""
        self._vectors, self._rows = Vectors(), Rows()

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator] # it is not installed here
    async def predict_vector(self, test_array: list[float]) -> dict[str, int]:
        """Predict from an encoded vector, on the event loop: a thread would only cost."""
        return {"prediction": self._vectors.predict([test_array])[0]}

    @bentoml.api(route="/rows")  # type: ignore[untyped-decorator]
    async def predict_rows(self, instances: list[dict[str, Any]]) -> dict[str, list[int]]:
        """Predict from named features."""
        return {"predictions": self._rows.predict({name: [row[name] for row in instances] for name in NAMES})}
