"""model_training/exporting/graph/portable.py: newer operators in those of ONNX 1.12, which compute the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, ML, Graph
from model_training.exporting.bigquery import SINGLE_ONLY
from model_training.exporting.graph.portable import portable
from model_training.exporting.refused import NotExported

NUMBERS = [
    0.0,
    -0.0,
    0.5,
    1.5,
    2.5,
    -0.5,
    -1.5,
    1e-300,
    0.1,
    -0.1,
    4503599627370497.5,
    -1e300,
    3.0,
    np.inf,
    -np.inf,
    np.nan,
]
EDGES = np.array([*NUMBERS, *np.nextafter([1.0, 2.0, -1.0, -2.0], 0), *np.nextafter([1.0, -1.0], 9)]).reshape(-1, 2)


def _codes(g: Graph, x: str) -> str:
    tensors = {"keys": [0.5, 3.0, -1e300], "values": [7.0, 8.0, 9.0], "default": [np.nan]}
    attributes = {f"{name}_tensor": numpy_helper.from_array(np.array(value), name) for name, value in tensors.items()}
    return g("LabelEncoder", x, domain=ML, **attributes)


OPERATORS: dict[str, tuple[Callable[[Graph, str], str], Callable[[Any], Any]]] = {
    "Floor": (lambda g, x: g("Floor", x), np.floor),
    "Ceil": (lambda g, x: g("Ceil", x), np.ceil),
    "IsNaN": (lambda g, x: g.cast(g("IsNaN", x), DOUBLE), lambda x: np.isnan(x).astype(float)),
    "ReduceMax": (
        lambda g, x: g("ReduceMax", x, g.constant([1], np.int64), keepdims=1),
        lambda x: x.max(axis=1, keepdims=True),
    ),
    "LabelEncoder": (
        _codes,
        lambda x: np.select([x == 0.5, x == 3.0, x == -1e300], [7.0, 8.0, 9.0], np.nan),
    ),
    "Cast": (lambda g, x: g.cast(g.cast(x, FLOAT), DOUBLE), lambda x: x.astype(np.float32).astype(float)),
}


def written(write: Callable[[Graph, str], str]) -> onnx.ModelProto:
    """Write a graph of one operator in the newest versions, and then in the older ones."""
    g = Graph()
    y = write(g, g.input("x", 2))
    return portable(g.model({"y": (y, DOUBLE, [None, None])}), "_")


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_computes_the_same(name: str) -> None:
    """At halves, at what is next to whole numbers, infinite and missing."""
    write, wanted = OPERATORS[name]
    model = written(write)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = EDGES if name != "ReduceMax" else EDGES[~np.isnan(EDGES).any(axis=1)]
    np.testing.assert_array_equal(session.run(None, {"x": rows})[0], wanted(rows))
    assert not {node.op_type for node in model.graph.node} & SINGLE_ONLY
    used = {name for node in model.graph.node for name in node.input}
    assert {each.name for each in model.graph.initializer} <= used


def test_a_cosine_is_close_for_numbers_of_any_size() -> None:
    """Within the last digits of 1."""
    model = written(lambda g, x: g("Cos", x))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.concatenate([np.linspace(-7, 7, 1000), 10.0 ** np.arange(0, 20)]).reshape(-1, 2)
    np.testing.assert_allclose(session.run(None, {"x": x})[0], np.cos(x), rtol=0, atol=1e-15)


def test_two_conversions_do_not_follow_each_other() -> None:
    """ONNX Runtime 1.12 would leave out both, and the rounding between them."""
    model = written(lambda g, x: g.cast(g.cast(x, FLOAT), DOUBLE))
    casts = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Cast"}
    assert len(casts) == 2
    assert not set(casts) & set(casts.values())


def test_an_operator_without_an_equivalent_is_refused() -> None:
    """With what the checker of ONNX says of it."""
    with pytest.raises(NotExported, match=r"an operator that ONNX 1\.12 does not have: .*Gelu"):
        written(lambda g, x: g("Gelu", x))
