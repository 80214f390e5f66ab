"""The structural proof of several estimators in one graph: each one's trees, alone and then in their place."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from model_training.bundling.exact.proof.structure.native import native_of
from model_training.bundling.exact.proof.structure.nodes import Difference, Native, join
from model_training.bundling.exact.proof.structure.walk import Structure, prove_structure
from model_training.bundling.exact.trees.emit import emit
from model_training.bundling.exact.trees.read import read_ensemble

OPERATOR = "TreeEnsemble"


def prove_composition(parts: Sequence[tuple[Any, bool]], graph: onnx.ModelProto) -> Structure:
    """Prove each part alone, and that the graph holds the very operators and leaves that were proven.

    Raises:
        Difference: naming the first one.
    """
    operators = [node for node in graph.graph.node if node.op_type == OPERATOR]
    constants = _constants(graph)
    if len(operators) != len(parts):
        raise Difference(f"{len(operators)} operators of trees for {len(parts)} estimators")
    found = []
    for (part, _), operator in zip(parts, operators, strict=True):
        alone = emit(read_ensemble(part))
        found.append(prove_structure(native_of(part), alone))
        proven = next(node for node in alone.graph.node if node.op_type == OPERATOR)
        if _attributes(proven) != _attributes(operator) or not _constants(alone) <= constants:
            raise Difference("other trees than those of the part")
    return Structure(*map(sum, zip(*found, strict=True))) if found else Structure(0, 0, 0)


def native_of_parts(parts: Sequence[tuple[Any, bool]]) -> Native | None:
    """Join the trees of all parts that see the encoded vector itself; None where there are none."""
    natives = [native_of(part) for part, sees_input in parts if sees_input]
    if not natives:
        return None
    # Leaves differ in width from part to part; paths to nodes do not need them.
    alike = [replace(native.nodes, leaf=np.zeros((len(native.nodes.leaf), 1))) for native in natives]
    known = {column: values for native in natives for column, values in native.known.items()}
    return Native(join(alike), natives[0].round_values, natives[0].decide, known)


def _attributes(node: Any) -> list[bytes]:
    return sorted(attribute.SerializeToString(deterministic=True) for attribute in node.attribute)


def _constants(graph: onnx.ModelProto) -> set[bytes]:
    """Return the contents of all matrices."""
    arrays = [numpy_helper.to_array(constant) for constant in graph.graph.initializer]
    return {array.tobytes() for array in arrays if array.ndim > 1 and array.dtype.kind == "f"}
