"""The engine of compiled models: ONNX Runtime over the bundle's two graphs."""

from typing import Any

import onnxruntime as ort

from function.errors import Refused
from function.model.outputs import Outputs
from function.model.schema import Columns, Matrix

_FATAL = 4


class OnnxEngine:
    """Encodes columns and predicts from encoded vectors; threads may share it."""

    name = "onnx"

    def __init__(self, encoder: bytes, estimator: bytes) -> None:
        """Build a session of each graph.

        Raises:
            Refused: where ONNX Runtime does not take a graph.
        """
        self._encoder = _session("encoder.onnx", encoder)
        self._estimator = _session("estimator.onnx", estimator)
        self._columns = [node.name for node in self._encoder.get_inputs()]
        vectors = [node.name for node in self._estimator.get_inputs()]
        if len(vectors) != 1:
            raise Refused(f"estimator.onnx takes {len(vectors)} inputs rather than the encoded vector")
        self._vector = vectors[0]

    def encode(self, columns: Columns) -> Matrix:
        """Turn an array of shape [n] for each feature into the encoded matrix, [n, width]."""
        feeds = {name: column.reshape(-1, 1) for name, column in zip(self._columns, columns, strict=True)}
        matrix: Matrix = self._encoder.run(None, feeds)[0]
        return matrix

    def predict(self, encoded: Matrix) -> Outputs:
        """Predict from an encoded matrix, [n, width]."""
        labels, *probabilities = self._estimator.run(None, {self._vector: encoded})
        return Outputs(labels.reshape(-1), probabilities[0] if probabilities else None)


def _session(member: str, graph: bytes) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime raises a class of its own for each status, without a common base.
        raise Refused(f"ONNX Runtime does not take {member}: {type(error).__name__}") from error
