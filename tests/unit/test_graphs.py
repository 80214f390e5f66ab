"""model_training/bundling/graphs.py: graphs that could loop, allocate at will or read other files."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper
from typer.testing import CliRunner

from function.errors import Refused
from function.model.bundle import ESTIMATOR, read_bundle, write_bundle
from model_training.__main__ import app
from model_training.bundling.building import Packed
from model_training.bundling.graphs import check_graph

BOOLEAN = helper.make_tensor_value_info("flag", TensorProto.BOOL, [])
VECTOR = helper.make_tensor_value_info("encoded", TensorProto.FLOAT, [None, 37])
RESULT = helper.make_tensor_value_info("result", TensorProto.FLOAT, None)
BODY = helper.make_graph([helper.make_node("Identity", ["encoded"], ["result"])], "body", [], [RESULT])


def model(*nodes: NodeProto, domain: str = "", weights: Sequence[TensorProto] = ()) -> ModelProto:
    """Make a model of nodes."""
    graph = helper.make_graph(list(nodes), "graph", [VECTOR, BOOLEAN], [RESULT], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(domain, 1)])


def branch() -> ModelProto:
    """Choose between two graphs."""
    return model(helper.make_node("If", ["flag"], ["result"], then_branch=BODY, else_branch=BODY))


def loop() -> ModelProto:
    """Repeat a graph."""
    return model(helper.make_node("Loop", ["", "flag"], ["result"], body=BODY))


def scan() -> ModelProto:
    """Run a graph over a tensor."""
    return model(helper.make_node("Scan", ["encoded"], ["result"], body=BODY, num_scan_inputs=1))


def other_domain() -> ModelProto:
    """Use an operator of somebody else's."""
    return model(helper.make_node("Run", ["encoded"], ["result"], domain="com.microsoft"), domain="com.microsoft")


def undeclared_domain() -> ModelProto:
    """Use one without saying so."""
    return model(helper.make_node("Run", ["encoded"], ["result"], domain="evil"))


def function() -> ModelProto:
    """Define an operator of its own."""
    made = model(helper.make_node("Identity", ["encoded"], ["result"]))
    node = helper.make_node("Identity", ["a"], ["b"])
    made.functions.append(helper.make_function("", "F", ["a"], ["b"], [node], [helper.make_opsetid("", 18)]))
    return made


def other_file() -> ModelProto:
    """Keep weights in a file of the machine."""
    tensor = helper.make_tensor("weights", TensorProto.FLOAT, [1], [0.0])
    tensor.data_location = TensorProto.EXTERNAL
    return model(helper.make_node("Add", ["encoded", "weights"], ["result"]), weights=[tensor])


def hidden() -> ModelProto:
    """Hide a loop inside a branch of another operator."""
    inner = helper.make_graph([helper.make_node("Loop", ["", "flag"], ["result"], body=BODY)], "inner", [], [RESULT])
    return model(helper.make_node("SequenceMap", ["encoded"], ["result"], body=inner))


BAD: dict[Callable[[], ModelProto], str] = {
    branch: "the operators If",
    loop: "the operators Loop",
    scan: "the operators Scan",
    other_domain: "other than ai.onnx",
    undeclared_domain: "other than ai.onnx",
    function: "defines functions",
    other_file: "other files",
    hidden: "the operators Loop",
}


@pytest.mark.parametrize("make", BAD)
def test_a_graph_that_can_not_be_bounded_is_refused(make: Callable[[], ModelProto]) -> None:
    """With what is wrong about it."""
    with pytest.raises(Refused, match=BAD[make]):
        check_graph("estimator.onnx", make().SerializeToString())


def test_what_is_no_graph_is_refused() -> None:
    """Instead of failing in the parser."""
    with pytest.raises(Refused, match="not an ONNX graph"):
        check_graph("estimator.onnx", b"\xff" * 10)


def test_what_training_makes_passes(boosted: Packed) -> None:
    """Else nothing could be published."""
    check_graph(ESTIMATOR, read_bundle(boosted.data, 10_000_000).read(ESTIMATOR))


def test_publishing_refuses_such_a_graph(packed: Packed, tmp_path: Path) -> None:
    """Before the model is tried, let alone uploaded."""
    bundle = read_bundle(packed.data, 10_000_000)
    members = {name: bundle.read(name) for name in packed.manifest.members}
    path = tmp_path / "model.zip"
    path.write_bytes(write_bundle(packed.manifest, {**members, ESTIMATOR: loop().SerializeToString()}))
    result = CliRunner().invoke(app, ["publish", str(path), "--to", "gs://nowhere/model"])
    assert result.exit_code == 1
    assert "the operators Loop" in result.stderr
