"""What serves a model, built from the bytes of its bundle."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from function.model.engines.graph import Graph
from function.model.outputs import Outputs
from function.model.plan.encoder import read_plan
from model_training.bundling.exact.proof.structure.nodes import Numbers


class Answer(NamedTuple):
    """Labels (or values), [n], and probabilities, [n, classes]."""

    labels: npt.NDArray[Any]
    probabilities: Numbers | None
    is_value: bool = False
    """Whether the labels are the values of a regression."""


class Served:
    """Predicts as the service does, on one thread, which the order of sums depends on."""

    def __init__(self, plan: bytes, graph: bytes | None) -> None:
        """Load both members."""
        self.encoder = read_plan(plan)
        # Outputs of a graph are labels, and probabilities where there are two.
        self._graph = None if graph is None else Graph(graph, probabilities=True)

    def answer(self, rows: pd.DataFrame | Numbers) -> tuple[Numbers | None, Answer]:
        """Predict rows of features, and return what they are encoded as; or predict encoded vectors.

        Raises:
            UnsupportedRow: one of them is not supported.
        """
        if isinstance(rows, np.ndarray):
            return None, self._predict(self.encoder.accept(rows))
        inputs = self.encoder.read([rows.iloc[:, place].to_numpy() for place in range(rows.shape[1])])
        encoded = self.encoder.encode(inputs)
        if self.encoder.linear is not None:
            return encoded, _answer(Outputs(*self.encoder.linear.predict(inputs)))
        return encoded, self._predict(encoded)

    def _predict(self, matrix: Numbers) -> Answer:
        if self.encoder.linear is not None:
            return _answer(Outputs(*self.encoder.linear.predict_encoded(matrix)))
        assert self._graph is not None  # noqa: S101 (a plan without coefficients has a graph)
        return _answer(self._graph.predict(matrix))


def _answer(outputs: Outputs) -> Answer:
    probabilities = outputs.probabilities
    return Answer(outputs.labels, None if probabilities is None else np.asarray(probabilities, np.float64))
