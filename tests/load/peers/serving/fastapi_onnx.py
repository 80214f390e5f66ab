"""A FastAPI application on ONNX Runtime: the model is loaded once, pydantic checks and writes everything.

uvicorn tests.load.peers.serving.fastapi_onnx:app
"""

from operator import itemgetter

from fastapi import FastAPI
from pydantic import BaseModel
from typing_extensions import TypedDict

from tests.load.peers.serving.onnx_models import NAMES, Rows, Vectors

VECTORS, ROWS = Vectors(), Rows()
FEATURES = {name: itemgetter(name) for name in NAMES}
app = FastAPI()


class Vector(BaseModel):
    """An encoded vector."""

    test_array: list[float]


class Row(TypedDict):
    """Named features; pydantic reads a dictionary faster than a model."""

    carrier: str
    month: int
    origin: str
    period: str


class Table(BaseModel):
    """Rows."""

    instances: list[Row]


class Prediction(BaseModel):
    """A label."""

    prediction: int


class Predictions(BaseModel):
    """A label each."""

    predictions: list[int]


@app.post("/predict/")  # type: ignore[untyped-decorator] # FastAPI is not installed here
async def predict_vector(body: Vector) -> Prediction:
    """Predict from an encoded vector, on the event loop: a thread would only cost."""
    return Prediction(prediction=VECTORS.predict([body.test_array])[0])


@app.post("/rows/")  # type: ignore[untyped-decorator]
async def predict_rows(body: Table) -> Predictions:
    """Predict from named features."""
    columns = {name: list(map(get, body.instances)) for name, get in FEATURES.items()}
    return Predictions(predictions=ROWS.predict(columns))
