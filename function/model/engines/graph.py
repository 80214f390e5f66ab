"""The graph of an estimator: encoded vectors in, labels and probabilities or values out."""

import numpy as np
import numpy.typing as npt

from function.errors import Refused
from function.model.engines.onnx import session
from function.model.outputs import Outputs

PRECISIONS = {"tensor(double)": np.float64, "tensor(float)": np.float32}

MATRIX = 2


class Graph:
    """A session of `estimator.onnx`; threads may share it."""

    def __init__(self, graph: bytes, *, probabilities: bool) -> None:
        """Build the session; with `probabilities`, the graph's second output holds them.

        Raises:
            Refused: ONNX Runtime cannot load the graph, or its input is not one matrix of floating-point numbers.
        """
        self._session = session("estimator.onnx", graph)
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in PRECISIONS:
            raise Refused("estimator.onnx must have one input, of floating-point numbers")
        self._input, self._dtype = inputs[0].name, PRECISIONS[inputs[0].type]
        self._outputs = [node.name for node in self._session.get_outputs()][: 2 if probabilities else 1]

    def predict(self, encoded: npt.NDArray[np.float64]) -> Outputs:
        """Predict from an encoded matrix, [n, width]: a value for each row, or several."""
        fed = {self._input: encoded.astype(self._dtype, copy=False)}
        labels, *probabilities = self._session.run(self._outputs, fed)
        several = labels.ndim == MATRIX and labels.shape[1] > 1
        return Outputs(labels if several else labels.reshape(-1), probabilities[0] if probabilities else None)
