"""Compiling a fitted pipeline to two ONNX graphs, and proving that they predict the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DataType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.pipeline import Pipeline

from function.model.bundle import ENCODER, ESTIMATOR
from function.model.live import TOLERANCE
from function.model.manifest import Feature
from function.model.onnx_engine import OnnxEngine
from function.model.schema import DTYPES, Columns

TENSORS: dict[str, type[DataType]] = {
    "string": StringTensorType,
    "integer": Int64TensorType,
    "number": FloatTensorType,
    "boolean": BooleanTensorType,
}


@dataclass(frozen=True)
class Agreement:
    """How the compiled model compares with scikit-learn on n rows."""

    rows: int
    differing_labels: int
    largest_difference: float

    def __bool__(self) -> bool:
        """Tell whether both may be called the same."""
        return self.differing_labels == 0 and self.largest_difference <= TOLERANCE


def compile_pipeline(pipeline: Pipeline, features: Sequence[Feature], width: int) -> dict[str, bytes]:
    """Return the bundle's ONNX members: what encodes columns, and what predicts from the encoded vector."""
    columns = [(feature.name, TENSORS[feature.type]([None, 1])) for feature in features]
    encoder = to_onnx(pipeline[:-1], initial_types=columns)
    vector = [("encoded", FloatTensorType([None, width]))]
    estimator = to_onnx(pipeline[-1], initial_types=vector, options={"zipmap": False})
    return {ENCODER: encoder.SerializeToString(), ESTIMATOR: estimator.SerializeToString()}


def as_columns(X: pd.DataFrame, features: Sequence[Feature]) -> Columns:
    """Turn a table into the arrays that an engine takes, one of shape [n] for each feature."""
    return [X[feature.name].to_numpy(dtype=DTYPES[feature.type]) for feature in features]


def compare(pipeline: Pipeline, members: dict[str, bytes], X: pd.DataFrame, features: Sequence[Feature]) -> Agreement:
    """Predict every row with scikit-learn and with the very engine that serves."""
    engine = OnnxEngine(members[ENCODER], members[ESTIMATOR])
    outputs = engine.predict(engine.encode(as_columns(X, features)))
    difference = np.abs(outputs.probabilities - pipeline.predict_proba(X))
    return Agreement(len(X), int((outputs.labels != pipeline.predict(X)).sum()), float(difference.max()))
