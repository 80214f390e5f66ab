"""The interface of engines."""

from collections.abc import Mapping
from typing import Any, Protocol

from function.model.outputs import Outputs
from function.model.schema import Codes, Columns, Vectors


class Engine(Protocol):
    """Computes the predictions of one model; threads may share it."""

    name: str
    probabilities: bool
    """Whether predictions include a probability for each class."""
    blocking: bool
    """Whether a prediction takes too long to run on the event loop."""
    tolerance: float
    """How far a number may differ from scikit-learn's; for magnitudes above 1, relative to the number."""
    batch_rows: int
    """The maximum rows of one batch, which limits its memory."""
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
