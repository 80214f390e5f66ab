"""Copy the nodes of one graph into another."""

from collections.abc import Callable, Mapping
from typing import Any

import onnx
from onnx import numpy_helper

from model_training.bundling.exact.graph.builder import Graph

Constants = Mapping[str, Any]
Rewrite = Callable[[Graph, Any, list[str], Constants], list[str]]
"""Write what replaces a node, given its inputs and the constants of its graph; return the names of its outputs."""


def embed(
    g: Graph, model: onnx.ModelProto, inputs: Mapping[str, str], rewrites: Mapping[str, Rewrite] | None = None
) -> dict[str, str]:
    """Copy a graph into another one, fed by tensors of that one; return the tensors of its outputs by their names.

    Args:
        g: the graph to copy to.
        model: the graph to copy; its nodes hold no graphs.
        inputs: the tensor of `g` for each input of the copied graph.
        rewrites: by operator, what is written instead of a node.
    """
    tensors = {"": "", **inputs}
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    copied: dict[str, Any] = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        for name in node.input:
            if name not in tensors:  # Constants that no node reads any more are left out.
                tensors[name] = g.tensor(type(copied[name]).FromString(copied[name].SerializeToString()))
        write = (rewrites or {}).get(node.op_type, _copy)
        names = write(g, node, [tensors[name] for name in node.input], constants)
        tensors.update(zip(node.output, names, strict=True))
    return {output.name: tensors[output.name] for output in model.graph.output}


def _copy(g: Graph, node: Any, inputs: list[str], _: Constants) -> list[str]:
    return g.copy(node, inputs)
