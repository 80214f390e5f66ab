"""Refuse ONNX graphs that could allocate or loop without end, or read other files."""

from collections.abc import Iterator

from google.protobuf.message import DecodeError
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, load_model_from_string

from function.errors import Refused

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
FORBIDDEN = frozenset({"Loop", "Scan", "If"})


def check_graph(name: str, content: bytes) -> None:
    """Check a graph, and the graphs inside its nodes.

    Raises:
        Refused: it has operators of other domains, Loop, Scan or If, functions, or data in other files.
    """
    try:
        model: ModelProto = load_model_from_string(content)
    except DecodeError:
        raise Refused(f"{name} is not an ONNX graph") from None
    domains = {entry.domain for entry in model.opset_import} | {node.domain for node in _nodes(model.graph)}
    if domains - DOMAINS:
        raise Refused(f"{name} has operators of domains other than ai.onnx and ai.onnx.ml")
    if model.functions:
        raise Refused(f"{name} defines functions")
    if forbidden := FORBIDDEN & {node.op_type for node in _nodes(model.graph)}:
        raise Refused(f"{name} has the operators {', '.join(sorted(forbidden))}")
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in _tensors(model.graph)):
        raise Refused(f"{name} keeps data in other files")


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for inner in _inner(node):
            yield from _nodes(inner)


def _inner(node: NodeProto) -> Iterator[GraphProto]:
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
        for inner in _inner(node):
            yield from _tensors(inner)
