"""A graph under construction: nodes and constants, named in the order in which they are added."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ML = "ai.onnx.ml"
ML_VERSION, ONNX_VERSION, IR_VERSION = 5, 21, 10
FLOAT, DOUBLE, INT64, BOOL, STRING = (
    TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.BOOL, TensorProto.STRING,
)  # fmt: skip


class Graph:
    """Collects nodes of one output each, and constants, of which equal ones are stored once."""

    def __init__(self, prefix: str = "") -> None:
        """`prefix` begins the names of nodes and constants, so that they differ from those of the inputs."""
        self._prefix = prefix
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._known: dict[tuple[str, bytes], str] = {}

    def input(self, name: str, width: int, kind: int = DOUBLE, description: str = "") -> str:
        """Add an input: a matrix, [n, width]."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, [None, width], doc_string=description))
        return name

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        """Add an array."""
        array = np.asarray(value, dtype=dtype)
        key = (f"{array.dtype}{array.shape}", array.tobytes())
        if key not in self._known:
            self._known[key] = self.tensor(numpy_helper.from_array(array))
        return self._known[key]

    def tensor(self, tensor: Any) -> str:
        """Add a constant of ONNX under a name of its own."""
        name = f"{self._prefix}c{len(self._constants)}"
        self._constants.append(tensor)
        self._constants[-1].name = name
        return name

    def __call__(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node, and return the name of its output."""
        name = f"{self._prefix}t{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], domain=domain, **attributes))
        return name

    def copy(self, node: Any, inputs: Sequence[str]) -> list[str]:
        """Add a copy of a node, with other inputs; return the names of its outputs, empty for those that it lacks."""
        place = len(self._nodes)
        self._nodes.append(type(node).FromString(node.SerializeToString()))
        names = [f"{self._prefix}t{place}_{i}" if output else "" for i, output in enumerate(node.output)]
        for field, values in ((self._nodes[-1].input, inputs), (self._nodes[-1].output, names)):
            del field[:]
            field.extend(values)
        self._nodes[-1].ClearField("name")
        return names

    def cast(self, x: str, kind: int) -> str:
        """Convert a tensor to another type."""
        return self("Cast", x, to=kind)

    def gather(self, x: str, columns: Sequence[int] | Any) -> str:
        """Choose columns of a matrix."""
        return self("Gather", x, self.constant(columns, np.int64), axis=1)

    def flat(self, x: str) -> str:
        """Reshape a matrix of one column, [n, 1], to [n]."""
        return self("Reshape", x, self.constant([-1], np.int64))

    def column(self, x: str) -> str:
        """Reshape a vector, [n], to a matrix of one column, [n, 1]."""
        return self("Reshape", x, self.constant([-1, 1], np.int64))

    def total(self, x: str) -> str:
        """Add up each row of a matrix, [n, 1]."""
        return self("ReduceSum", x, self.constant([1], np.int64), keepdims=1)

    def model(self, outputs: dict[str, tuple[str, int, list[int | None]]]) -> onnx.ModelProto:
        """Close the graph with outputs: the tensor, type and shape of each."""
        for name, (tensor, _, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        infos = [helper.make_tensor_value_info(name, kind, shape) for name, (_, kind, shape) in outputs.items()]
        graph = helper.make_graph(self._nodes, "model", self._inputs, infos, self._constants)
        imports = [helper.make_opsetid("", ONNX_VERSION), helper.make_opsetid(ML, ML_VERSION)]
        return helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION)
