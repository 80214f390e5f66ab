"""What was proven of a compiled model, kept in the manifest."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

TOLERANCE = 1e-12
"""Numbers may differ by this, relative to the larger of their magnitude and 1."""

Kind = Literal["linear", "trees", "composition", "converted", "scikit-learn"]
Count = Annotated[int, Meta(ge=0)]


class Proof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a compiled model compares with scikit-learn; where `reason` is given, it must not serve."""

    kind: Kind
    """What evaluates the model: coefficients, trees, several estimators, a graph that skl2onnx made, scikit-learn."""
    tolerance: Annotated[float, Meta(ge=0)] = TOLERANCE
    """How far a number may be from scikit-learn's; labels are the same."""
    trees: Count = 0
    questions: Count = 0
    """Inner nodes that were compared by structure."""
    leaves: Count = 0
    edge_rows: Count = 0
    """Rows at and around each edge, of features or of encoded vectors."""
    rows: Count = 0
    """Rows of the sample and those held out."""
    differing_labels: Count = 0
    largest_difference: Annotated[float, Meta(ge=0)] = 0.0
    statement: str = ""
    reason: str = ""
    """Why the model is served by scikit-learn; empty where the compiled one is."""

    def __bool__(self) -> bool:
        """Tell whether the compiled model may serve."""
        return not self.reason
