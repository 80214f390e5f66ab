"""ONNX Runtime: sessions, and the engine for bundles of format 1, whose encoder is also a graph."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from function.errors import Refused
from function.model.outputs import Outputs
from function.model.schema import Codes, Columns, Vectors

_FATAL = 4
_DTYPES: dict[str, Any] = {
    "tensor(string)": object,
    "tensor(int64)": np.int64,
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(bool)": np.bool_,
}


class OnnxEngine:
    """Encodes columns and predicts from encoded vectors; threads may share it."""

    name = "onnx"
    blocking = False
    tolerance = 1e-5
    batch_rows = 1000
    codes: Mapping[int, Codes] = {}

    def __init__(self, encoder: bytes, estimator: bytes, *, probabilities: bool) -> None:
        """Build a session for each graph; with `probabilities`, the estimator's second output holds them.

        Raises:
            Refused: ONNX Runtime cannot load a graph, or its inputs do not fit.
        """
        self.probabilities = probabilities
        self._encoder = session("encoder.onnx", encoder)
        self._estimator = session("estimator.onnx", estimator)
        self._columns = [(node.name, _dtype("encoder.onnx", node)) for node in self._encoder.get_inputs()]
        vectors = [node.name for node in self._estimator.get_inputs()]
        if len(vectors) != 1:
            raise Refused(f"estimator.onnx has {len(vectors)} inputs; it must have one, the encoded vector")
        self._vector = vectors[0]
        outputs = [node.name for node in self._estimator.get_outputs()]
        self._outputs = outputs[: 2 if probabilities else 1]

    def encode(self, columns: Columns) -> npt.NDArray[np.float32]:
        """Turn an array of shape [n] for each feature into the encoded matrix, [n, width]."""
        feeds = {
            name: column.astype(dtype, copy=False).reshape(-1, 1)
            for (name, dtype), column in zip(self._columns, columns, strict=True)
        }
        matrix: npt.NDArray[np.float32] = self._encoder.run(None, feeds)[0]
        return matrix

    def vectors(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        """Turn n encoded vectors into the matrix, [n, width]."""
        return np.array(vectors, dtype=np.float32)

    def predict(self, encoded: npt.NDArray[np.float32]) -> Outputs:
        """Predict from an encoded matrix, [n, width]."""
        labels, *probabilities = self._estimator.run(self._outputs, {self._vector: encoded})
        # In float32, the sum of the trees' shares may be slightly above 1.
        return Outputs(labels.reshape(-1), np.minimum(probabilities[0], 1) if probabilities else None)

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict n rows, given as an array of shape [n] for each feature."""
        return self.predict(self.encode(columns))


def session(member: str, graph: bytes) -> Any:
    """Build a session that computes on one thread: on more, the order of additions is not fixed.

    Raises:
        Refused: ONNX Runtime cannot load the graph.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime has an exception class for each status, without a common base.
        raise Refused(f"ONNX Runtime cannot load {member}: {type(error).__name__}") from error


def _dtype(member: str, node: Any) -> Any:
    if node.type not in _DTYPES:
        raise Refused(f"{member} has an input of a type that is not one of {', '.join(_DTYPES)}")
    return _DTYPES[node.type]
