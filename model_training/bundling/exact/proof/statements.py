"""What a proof says, in a sentence."""

from function.model.plan.proof import TOLERANCE, Kind
from model_training.bundling.exact.proof.rows.comparison import Comparison
from model_training.bundling.exact.proof.structure.walk import Structure


def statement_of(kind: Kind, structure: Structure, edges: Comparison, ordinary: Comparison) -> str:
    """Write what was compared, and the largest difference."""
    if kind == "converted":
        return _converted(edges, ordinary)
    largest = max(edges.largest_difference, ordinary.largest_difference)
    return (
        f"exact: {_structure(kind, structure)}; {_encoder(edges)}; no label differs, and numbers by up to "
        f"{largest:.2g}, in {edges.rows} rows at edges and {ordinary.rows} others"
    )


def _converted(edges: Comparison, ordinary: Comparison) -> str:
    largest = max(edges.largest_difference, ordinary.largest_difference)
    how = "in double precision" if largest <= TOLERANCE else "not exact"
    return (
        f"converted by skl2onnx, {how}: no label differs, and numbers by up to {largest:.2g}, in {edges.rows} rows "
        f"between values and {ordinary.rows} others"
    )


def _structure(kind: Kind, structure: Structure) -> str:
    if kind == "linear":
        return "coefficients bitwise"
    if kind == "composition" and not structure.trees:
        return "a composition of linear models"
    return f"sums bitwise, {structure.questions} nodes and {structure.leaves} leaves compared"


def _encoder(edges: Comparison) -> str:
    if not edges.differing_cells:
        return f"{edges.cells} encoded numbers bitwise"
    return f"encoded numbers within {edges.largest_cell_difference:.2g}"
