"""The proof that a compiled model predicts the same, which the manifest contains."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

TOLERANCE = 1e-12
"""Numbers may differ by this, relative to the larger of their magnitude and 1."""

Kind = Literal["linear", "trees", "composition", "converted", "scikit-learn"]
Count = Annotated[int, Meta(ge=0)]


class Proof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a compiled model compares with the fitted one; it must not serve if `reason` is set."""

    kind: Kind
    """What computes predictions: coefficients, trees, several estimators, a graph of skl2onnx, or scikit-learn."""
    tolerance: Annotated[float, Meta(ge=0)] = TOLERANCE
    """How far a number may differ from the fitted model's; labels must be the same."""
    trees: Count = 0
    questions: Count = 0
    """The number of inner nodes that were compared by structure."""
    leaves: Count = 0
    edge_rows: Count = 0
    """The number of compared rows at and around the edges, of features or of encoded vectors."""
    rows: Count = 0
    """The number of compared rows of the sample and the hold-out."""
    differing_labels: Count = 0
    largest_difference: Annotated[float, Meta(ge=0)] = 0.0
    statement: str = ""
    reason: str = ""
    """Why scikit-learn serves the model; empty if the compiled model does."""

    def __bool__(self) -> bool:
        """Return whether the compiled model may serve."""
        return not self.reason
