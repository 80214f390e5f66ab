"""Write a graph anew for ONNX 1.12, which every ONNX Runtime since 1.12 loads, and so does BigQuery ML.

Newer operators, and those that ONNX Runtime 1.12 has in single precision only, are written with others that compute
the same. https://onnxruntime.ai/docs/reference/compatibility.html lists the versions.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import checker, helper, numpy_helper

from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, Graph
from model_training.exporting.graph.codes import look_up
from model_training.exporting.graph.embedding import Constants, Rewrite, embed
from model_training.exporting.graph.trees import write_trees
from model_training.exporting.refused import NotExported

ML_VERSION, ONNX_VERSION, IR_VERSION = 3, 17, 8
REDUCTIONS = (
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
    "ReduceSumSquare",
)  # fmt: skip
NEWER = ("saturate", "round_mode")
"""Attributes of Cast since opset 19, about types of 8 bits."""


def portable(model: onnx.ModelProto, prefix: str) -> onnx.ModelProto:
    """Write a graph in the versions of ONNX 1.12; `prefix` begins no name of an input.

    Raises:
        NotExported: an operator has no equivalent there.
    """
    g = Graph(prefix)
    for each in model.graph.input:
        width = each.type.tensor_type.shape.dim[1].dim_value
        g.input(each.name, width, each.type.tensor_type.elem_type, each.doc_string)
    tensors = embed(g, model, {each.name: each.name for each in model.graph.input}, REWRITES)
    outputs = {each.name: (tensors[each.name], *_type_of(each)) for each in model.graph.output}
    written = g.model(outputs)
    del written.opset_import[:]
    written.opset_import.extend([helper.make_opsetid("", ONNX_VERSION), helper.make_opsetid("ai.onnx.ml", ML_VERSION)])
    written.ir_version = IR_VERSION
    _leave_out_unused(written.graph)
    try:
        checker.check_model(written, full_check=True)
    except Exception as error:
        # The checker has an exception for each kind of fault, and those of shapes are another class.
        raise NotExported(f"the model has an operator that ONNX 1.12 does not have: {_reason(error)}") from None
    return written


def _leave_out_unused(graph: onnx.GraphProto) -> None:
    """Remove constants that became attributes; ONNX Runtime would warn of them."""
    used = {name for node in graph.node for name in node.input}
    kept = [each for each in graph.initializer if each.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _type_of(output: Any) -> tuple[int, list[int | None]]:
    tensor = output.type.tensor_type
    return tensor.elem_type, [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _is_nan(g: Graph, node: Any, inputs: Sequence[str], _: Constants) -> list[str]:
    """Only NaN differs from itself."""
    return [g("Not", g("Equal", inputs[0], inputs[0]))]


def _floor(g: Graph, node: Any, inputs: Sequence[str], _: Constants) -> list[str]:
    rounded = g("Round", inputs[0])
    return [g("Sub", rounded, g("CastLike", g("Greater", rounded, inputs[0]), inputs[0]))]


def _ceil(g: Graph, node: Any, inputs: Sequence[str], _: Constants) -> list[str]:
    rounded = g("Round", inputs[0])
    return [g("Add", rounded, g("CastLike", g("Less", rounded, inputs[0]), inputs[0]))]


def _reduce(g: Graph, node: Any, inputs: list[str], constants: Constants) -> list[str]:
    """Until opset 18, the axes were an attribute."""
    if len(node.input) == 1:
        return g.copy(node, inputs)
    axes = constants[node.input[1]].tolist()
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute if each.name == "keepdims"}
    return [g(node.op_type, inputs[0], axes=axes, **attributes)]


def _cast(g: Graph, node: Any, inputs: list[str], _: Constants) -> list[str]:
    """Convert, and keep the rounding to single precision.

    ONNX Runtime 1.12 leaves out two conversions of double to single precision and back, at every level of its
    optimizations, and so the rounding between them. It does not do that with another operator between the two.
    """
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    cast = g("Cast", inputs[0], **{name: value for name, value in attributes.items() if name not in NEWER})
    if attributes["to"] != FLOAT:
        return [cast]
    return [g("Where", g("Equal", cast, cast), cast, g.constant(np.nan, np.float32))]


def _label_encoder(g: Graph, node: Any, inputs: list[str], _: Constants) -> list[str]:
    """Look up numbers of double by comparing: until ai.onnx.ml 4, LabelEncoder had no such keys."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if "keys_tensor" not in attributes:
        return g.copy(node, inputs)
    keys, values, default = (
        numpy_helper.to_array(attributes[f"{name}_tensor"]) for name in ("keys", "values", "default")
    )
    found = g(
        "Gather", g.constant([*values.tolist(), *default.tolist()]), look_up(g, inputs[0], keys, len(keys)), axis=0
    )
    return [found]


def _cos(g: Graph, node: Any, inputs: list[str], _: Constants) -> list[str]:
    """Write cos x as 1 - 2 sin^2(x / 2), whose error is below 1e-15 whatever the magnitude of x."""
    double = g.cast(inputs[0], DOUBLE)
    sine = g("Sin", g("Mul", double, g.constant(0.5)))
    cosine = g("Sub", g.constant(1), g("Mul", g.constant(2), g("Mul", sine, sine)))
    return [g("CastLike", cosine, inputs[0])]


REWRITES: dict[str, Rewrite] = {
    "Cast": _cast,
    "Ceil": _ceil,
    "Cos": _cos,
    "Floor": _floor,
    "IsNaN": _is_nan,
    "LabelEncoder": _label_encoder,
    "TreeEnsemble": write_trees,
    **dict.fromkeys(REDUCTIONS, _reduce),
}
