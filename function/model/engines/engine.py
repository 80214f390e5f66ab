"""The interface of engines."""

from collections.abc import Mapping
from typing import Any, Protocol

from function.model.outputs import Outputs
from function.model.schema import Codes, Columns, Vectors


class Engine(Protocol):
    """Computes the predictions of one model; threads may share it."""

    name: str
    probabilities: bool
    """Whether it gives a probability for each class."""
    blocking: bool
    """Whether it takes so long that it must not run on the event loop."""
    tolerance: float
    """How far a number may be from scikit-learn's, relative to numbers above 1."""
    batch_rows: int
    """How many rows one batch may have, for the memory that it takes."""
    codes: Mapping[int, Codes]
    """The features, by position, whose columns hold codes rather than values."""

    def encode(self, columns: Columns) -> Any:
        """Turn an array of shape [n] for each feature into the encoded matrix, [n, width]."""

    def vectors(self, vectors: Vectors) -> Any:
        """Turn n encoded vectors into the matrix, [n, width]."""

    def predict(self, encoded: Any) -> Outputs:
        """Predict from an encoded matrix, [n, width]."""

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict n rows, given as an array of shape [n] for each feature."""
