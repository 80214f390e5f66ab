"""A Litestar application on ONNX Runtime: the model is loaded once, msgspec reads and writes everything.

uvicorn tests.load.peers.serving.litestar_onnx:app
"""

from operator import attrgetter

from litestar import Litestar, post
from msgspec import Struct

from tests.load.peers.serving.onnx_models import NAMES, Rows, Vectors

VECTORS, ROWS = Vectors(), Rows()
FEATURES = {name: attrgetter(name) for name in NAMES}


class Vector(Struct):
    """An encoded vector."""

    test_array: list[float]


class Row(Struct, gc=False):
    """Named features."""

    carrier: str
    month: int
    origin: str
    period: str


class Table(Struct):
    """Rows."""

    instances: list[Row]


class Prediction(Struct):
    """A label."""

    prediction: int


class Predictions(Struct):
    """A label each."""

    predictions: list[int]


@post("/predict/", status_code=200)  # type: ignore[untyped-decorator] # it is not installed here
async def predict_vector(data: Vector) -> Prediction:
    """Predict from an encoded vector, on the event loop: a thread would only cost."""
    return Prediction(VECTORS.predict([data.test_array])[0])


@post("/rows/", status_code=200)  # type: ignore[untyped-decorator]
async def predict_rows(data: Table) -> Predictions:
    """Predict from named features."""
    return Predictions(ROWS.predict({name: list(map(get, data.instances)) for name, get in FEATURES.items()}))


app = Litestar([predict_vector, predict_rows], openapi_config=None, logging_config=None)
