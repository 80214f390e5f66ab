"""A FastAPI application written as the original service was: it unpickles the model for each request.

python fastapi_server.py FOLDER PORT
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

FOLDER = Path(sys.argv[1])
app = FastAPI()


class Vector(BaseModel):
    """An encoded vector."""

    test_array: list[float]


class Row(BaseModel):
    """Named features."""

    carrier: str
    month: int
    origin: str
    period: str


def _read(name: str) -> Any:
    with (FOLDER / name / "model.pickle").open("rb") as file:
        return pickle.load(file)  # noqa: S301 (it is ours)


@app.post("/predict/")  # type: ignore[untyped-decorator] # FastAPI is not installed here
async def predict_vector(body: Vector) -> dict[str, int]:
    """Predict from an encoded vector."""
    return {"prediction": int(_read("vector").predict([body.test_array])[0])}


@app.post("/row/")  # type: ignore[untyped-decorator]
async def predict_row(body: Row) -> dict[str, int]:
    """Predict from named features."""
    return {"prediction": int(_read("row").predict(pd.DataFrame([body.model_dump()]))[0])}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="error")
