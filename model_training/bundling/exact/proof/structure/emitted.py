"""A graph's trees as flat nodes, read from the serialized operator, and the parts of the graph around it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

from model_training.bundling.exact.proof.structure.nodes import Difference, Nodes, Numbers

AT_MOST, MEMBER = 0, 6
OPERATOR = "TreeEnsemble"
ARRAYS = ("nodes_splits", "nodes_modes", "leaf_weights", "membership_values")


class Emitted:
    """A graph around one operator: what comes before, its nodes, and what comes after the sums."""

    def __init__(self, graph: onnx.ModelProto) -> None:
        """Read the operator.

        Raises:
            Difference: the graph has another number of operators, or one of another kind.
        """
        operators = [node for node in graph.graph.node if node.op_type == OPERATOR]
        if len(operators) != 1:
            raise Difference(f"{len(operators)} operators of trees")
        self._graph = graph
        self._node = operators[0]
        self._attributes = {a.name: helper.get_attribute_value(a) for a in self._node.attribute}
        for name in ARRAYS:
            if name in self._attributes:
                self._attributes[name] = numpy_helper.to_array(self._attributes[name])
        if not set(self._attributes["nodes_modes"].tolist()) <= {AT_MOST, MEMBER}:
            raise Difference("a question that is neither <= nor a set")
        if (self._attributes["aggregate_function"], self._attributes["post_transform"]) != (1, 0):
            raise Difference("no plain sum")
        self.width = graph.graph.input[0].type.tensor_type.shape.dim[1].dim_value
        self._sums, self._values, self._starts = self._gathered()
        self._sessions: dict[tuple[str, ...], Any] = {}

    def trees(self) -> Nodes:
        """Return the nodes: the questions first, then the leaves, whose numbers start after the last question."""
        a = self._attributes
        questions, leaves = len(a["nodes_featureids"]), len(a["leaf_weights"])
        is_leaf = np.arange(questions + leaves) >= questions
        nothing = np.zeros(leaves)

        def child(side: str) -> Any:
            ids, marks = (np.array(a[f"nodes_{side}{name}"], dtype=np.int64) for name in ("nodeids", "leafs"))
            return np.concatenate([ids + questions * marks, nothing.astype(np.int64)])

        missing = a.get("nodes_missing_value_tracks_true") or [0] * questions
        return Nodes(
            roots=np.array(a["tree_roots"], dtype=np.int64),
            is_leaf=is_leaf,
            column=np.concatenate([a["nodes_featureids"], nothing]).astype(np.int64),
            edge=np.concatenate([a["nodes_splits"], nothing]).astype(np.float64),
            missing_first=np.concatenate([np.array(missing, dtype=bool), nothing.astype(bool)]),
            first=child("true"),
            second=child("false"),
            leaf=np.concatenate([np.zeros((questions, self._leaves().shape[1])), self._leaves()]),
            target=np.concatenate([np.zeros(questions), self._targets()]).astype(np.int64),
            members=self._members(),
        )

    def prepared(self, X: Numbers) -> Numbers:
        """Run what comes before the operator: the values that are compared, as double."""
        return np.asarray(self._run([self._graph.graph.input[0].name], self._node.input[0], {"X": X})[0], np.float64)

    def decided(self, sums: Numbers) -> list[Any]:
        """Run what comes after the sums: labels (or values) and probabilities."""
        outputs = [output.name for output in self._graph.graph.output]
        added = self._attributes["leaf_weights"] if self._values is None else self._values
        return self._run([self._sums], outputs, {self._sums: sums.astype(added.dtype)})

    def _targets(self) -> Any:
        """Return the output that each leaf adds to; of vectors the operator's targets are the trees."""
        targets = np.array(self._attributes["leaf_targetids"])
        return targets if self._values is None else np.zeros_like(targets)

    def _leaves(self) -> Numbers:
        weights = np.asarray(self._attributes["leaf_weights"], dtype=np.float64)
        if self._values is None:
            return weights.reshape(-1, 1)
        trees = np.array(self._attributes["leaf_targetids"])
        found: Numbers = np.asarray(self._values[self._starts[trees] + weights.astype(np.int64)], dtype=np.float64)
        return found

    def _members(self) -> dict[int, frozenset[float]]:
        """Split the list of members, in which a NaN ends each set."""
        found, rest = {}, iter(self._attributes.get("membership_values", []))
        for node in np.flatnonzero(self._attributes["nodes_modes"] == MEMBER).tolist():
            chosen = []
            for value in rest:
                if np.isnan(value):
                    break
                chosen.append(float(value))
            found[node] = frozenset(chosen)
        return found

    def _gathered(self) -> tuple[str, Any, Any]:
        """Return the tensor of the sums, and the vectors of leaves with the first of each tree where there are any."""
        constants = {c.name: numpy_helper.to_array(c) for c in self._graph.graph.initializer}
        chain, tensor = [], self._node.output[0]
        for operator in ("Cast", "Add", "Gather", "ReduceSum"):
            after = [node for node in self._graph.graph.node if tensor in node.input and node.op_type == operator]
            if not after:
                return self._node.output[0], None, None
            chain.append(after[0])
            tensor = after[0].output[0]
        return tensor, constants[chain[2].input[0]], constants[chain[1].input[1]]

    def _run(self, inputs: Sequence[str], outputs: str | Sequence[str], feeds: dict[str, Any]) -> list[Any]:
        """Run the part of the graph between tensors."""
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        if names == list(inputs):
            return [feeds[name] for name in names]
        key = (*inputs, *names)
        if key not in self._sessions:
            kinds = [helper.np_dtype_to_tensor_dtype(feeds[name].dtype) for name in inputs]
            part = _part(self._graph, dict(zip(inputs, kinds, strict=True)), names).SerializeToString()
            self._sessions[key] = ort.InferenceSession(part, _options(), providers=["CPUExecutionProvider"])
        return list(self._sessions[key].run(names, feeds))


def _options() -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def _part(graph: onnx.ModelProto, inputs: Mapping[str, int], outputs: Sequence[str]) -> onnx.ModelProto:
    """Cut the nodes that lead from some tensors, of given types, to others out of a graph."""
    needed, kept = set(outputs), []
    for node in reversed(graph.graph.node):
        if needed & set(node.output) and not set(node.output) & set(inputs):
            kept.append(node)
            needed |= set(node.input)
    known = {output.name: output for output in graph.graph.output}
    # Shapes and types of inner tensors are left to ONNX Runtime.
    given = [helper.make_tensor_value_info(name, kind, [None, None]) for name, kind in inputs.items()]
    wanted = [known.get(name) or onnx.ValueInfoProto(name=name) for name in outputs]
    constants = [constant for constant in graph.graph.initializer if constant.name in needed]
    body = helper.make_graph(kept[::-1], "part", given, wanted, constants)
    return helper.make_model(body, opset_imports=graph.opset_import, ir_version=graph.ir_version)
