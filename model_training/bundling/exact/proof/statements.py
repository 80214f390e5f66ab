"""What a proof says, in a sentence."""

from function.model.plan.proof import TOLERANCE, Kind
from model_training.bundling.exact.proof.rows.comparison import Comparison
from model_training.bundling.exact.proof.structure.walk import Structure


def statement_of(kind: Kind, structure: Structure, edges: Comparison, ordinary: Comparison) -> str:
    """Write what was compared, and the largest difference."""
    rows = f"{edges.rows} rows at edges and {ordinary.rows} others"
    if kind == "converted":
        how = "in double precision" if _largest(edges, ordinary) <= TOLERANCE else "not exact"
        return f"converted by skl2onnx, {how}; {_predictions(edges, ordinary)} in {rows}"
    return f"exact: {_structure(kind, structure)}; {_encoder(edges)}; {_predictions(edges, ordinary)} in {rows}"


def _largest(edges: Comparison, ordinary: Comparison) -> float:
    return max(edges.largest_difference, ordinary.largest_difference)


def _predictions(edges: Comparison, ordinary: Comparison) -> str:
    largest = _largest(edges, ordinary)
    if ordinary.of_values:
        return f"no value differs by more than {largest:.2g}" if largest else "no value differs"
    numbers = f"numbers by at most {largest:.2g}" if largest else "no number differs"
    return f"no label differs, and {numbers}"


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
