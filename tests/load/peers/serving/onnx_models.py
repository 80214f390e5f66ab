"""A model as graphs of skl2onnx, run by ONNX Runtime on one thread: what all rivals on ONNX Runtime share.

MODELS is the folder of `vector/model.onnx` and `row/model.onnx`.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

NAMES = ("carrier", "month", "origin", "period")
"""The features."""
NUMBERS = frozenset({"month"})
"""Those that are integers; the others are text."""
LABEL = ["label"]
"""The only output that is computed."""


class Vectors:
    """The last step alone."""

    def __init__(self) -> None:
        """Load it."""
        self._run = _session("vector").run

    def predict(self, vectors: Sequence[Sequence[float]]) -> list[int]:
        """Predict the labels of encoded vectors."""
        labels: list[int] = self._run(LABEL, {"X": np.array(vectors, dtype=np.float32)})[0].tolist()
        return labels


class Rows:
    """The whole pipeline."""

    def __init__(self) -> None:
        """Load it."""
        self._run = _session("row").run

    def predict(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Predict the labels of columns of features."""
        arrays = {name: _column(name, values) for name, values in columns.items()}
        labels: list[int] = self._run(LABEL, arrays)[0].tolist()
        return labels


def _column(name: str, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=np.int64 if name in NUMBERS else object).reshape(-1, 1)


def _session(kind: str) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(
        Path(os.environ["MODELS"], kind, "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
