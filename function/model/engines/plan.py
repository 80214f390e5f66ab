"""The engine for bundles of format 2: a plan in numpy, and ONNX Runtime for estimators that are not linear."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from function.errors import BadRow, Refused
from function.model.outputs import Outputs
from function.model.plan.encoder import read_plan
from function.model.plan.errors import BadPlan, UnsupportedRow
from function.model.schema import Columns, Vectors

if TYPE_CHECKING:
    from function.model.engines.graph import Graph

BATCH_ROWS = 1000
"""ONNX Runtime holds the interpreter's lock while it computes a batch, so batches are small."""
LINEAR_BATCH_ROWS = 10_000
"""Numpy takes microseconds for as many."""


class PlanEngine:
    """Computes in double precision, as scikit-learn does; threads may share it."""

    blocking = False

    def __init__(
        self, plan: bytes, estimator: bytes | None, names: Sequence[str], *, probabilities: bool, tolerance: float
    ) -> None:
        """Prepare a plan and, if it has no linear model, the session of the estimator's graph.

        Args:
            plan: the bundle's `plan.json`.
            estimator: the bundle's `estimator.onnx`.
            names: the features' names, in the manifest's order.
            probabilities: whether the estimator predicts probabilities.
            tolerance: how far numbers may differ from scikit-learn's.

        Raises:
            Refused: the plan, the graph and the names contradict each other, or are malformed.
        """
        try:
            self._encoder = read_plan(plan)
        except BadPlan as error:
            raise Refused(f"plan.json: {error}") from None
        self.probabilities, self.tolerance = probabilities, tolerance
        most = LINEAR_BATCH_ROWS if estimator is None else BATCH_ROWS
        self.batch_rows = min(most, self._encoder.batch_rows, self._encoder.plan.batch_rows or most)
        self.codes = self._encoder.coded
        self.width = self._encoder.width
        self._linear = self._encoder.linear
        self._checks_scores = self._linear is not None and self._encoder.plan.largest is None
        """Whether scores tell that a number was not finite, because any product with it is not."""
        if [feature.name for feature in self._encoder.plan.features] != list(names):
            raise Refused("plan.json has other features than manifest.json")
        if (self._linear is None) == (estimator is None):
            raise Refused("the bundle must have either a linear model in plan.json or estimator.onnx")
        self._graph = None if estimator is None else _graph(estimator, probabilities=probabilities)
        self.name = "linear" if self._graph is None else "onnx"

    def encode(self, columns: Columns) -> npt.NDArray[np.float64]:
        """Turn an array of shape [n] for each feature into the encoded matrix, [n, width].

        Raises:
            BadRow: the fitted encoder refuses a value.
        """
        with _UNSUPPORTED_ROWS:
            return self._encoder.encode(self._encoder.read_coded(columns))

    def vectors(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Turn n encoded vectors into the matrix, [n, width].

        Raises:
            BadRow: the estimator refuses a number.
        """
        matrix = np.array(vectors, dtype=np.float64)
        if self._checks_scores:
            return matrix
        with _UNSUPPORTED_ROWS:
            return self._encoder.accept(matrix)

    def predict(self, encoded: npt.NDArray[np.float64]) -> Outputs:
        """Predict from an encoded matrix, [n, width]."""
        if self._graph is not None:
            return self._graph.predict(encoded)
        assert self._linear is not None  # noqa: S101 (checked in __init__)
        with _UNSUPPORTED_ROWS:
            return Outputs(*self._linear.predict_encoded(encoded))

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict n rows, given as an array of shape [n] for each feature.

        Raises:
            BadRow: the fitted encoder or the estimator refuses a value.
        """
        if self._linear is None:
            return self.predict(self.encode(columns))
        with _UNSUPPORTED_ROWS:
            return Outputs(*self._linear.predict(self._encoder.read_coded(columns)))


def _graph(estimator: bytes, *, probabilities: bool) -> "Graph":
    # Imported here, because linear models do not need ONNX Runtime.
    from function.model.engines.graph import Graph

    return Graph(estimator, probabilities=probabilities)


class _UnsupportedRows:
    """Turns a plan's UnsupportedRow into BadRow, whose message callers may read."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Raise BadRow instead."""
        if isinstance(error, UnsupportedRow):
            names = ", ".join(error.features)
            raise BadRow(error.row, f"{names}: {error.reason}" if names else error.reason) from None


_UNSUPPORTED_ROWS = _UnsupportedRows()
