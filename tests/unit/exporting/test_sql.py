"""model_training/exporting: statements of BigQuery, read by a parser of its SQL, and the limits of its import."""

from typing import Any

import onnx
import pytest
import sqlglot
from onnx import TensorProto, helper
from sqlglot import exp

from function.model.manifest import Feature, Manifest
from model_training.exporting.bigquery import MAX_BYTES, check_limits, write_statements
from model_training.exporting.graph.inputs import inputs_of
from model_training.exporting.refused import NotExported
from model_training.exporting.sql import column_of, literal

ODD = 'it\'s a \\ "test"\n-- `x`'
UNKNOWN = "the model does not know this value"
FEATURES = {
    "closed": (
        Feature("city", "string", categories=("Lima", ODD)),
        "IF(`city` IN ('Lima', ODD), `city`, ERROR('city: UNKNOWN, or it is missing')) AS `city`",
    ),
    "closed, may be missing": (
        Feature("city", "string", categories=("Lima",), nullable=True),
        "IF(`city` IN ('Lima'), `city`, IF(`city` IS NULL, '', ERROR('city: UNKNOWN'))) AS `city`",
    ),
    "open": (
        Feature("city", "string", categories=("Lima",), unknown="open"),
        "IFNULL(`city`, ERROR('city: a value is missing')) AS `city`",
    ),
    "open, may be missing": (
        Feature("city", "string", categories=("Lima",), unknown="open", nullable=True),
        "IFNULL(`city`, '') AS `city`",
    ),
    "default": (
        Feature("month", "integer", categories=(1, 7), default=7),
        "IF(IFNULL(`month`, 7) IN (1, 7), IFNULL(`month`, 7), ERROR('month: UNKNOWN, or it is missing')) AS `month`",
    ),
    "number": (
        Feature("weight", "number"),
        "IFNULL(CAST(`weight` AS FLOAT64), ERROR('weight: a value is missing')) AS `weight`",
    ),
    "number, may be missing": (
        Feature("weight", "number", nullable=True),
        "IFNULL(CAST(`weight` AS FLOAT64), CAST('NaN' AS FLOAT64)) AS `weight`",
    ),
    "integer": (Feature("stops", "integer"), "IFNULL(`stops`, ERROR('stops: a value is missing')) AS `stops`"),
    "boolean, may be missing": (
        Feature("paid", "boolean", nullable=True),
        "IFNULL(CAST(CAST(`paid` AS INT64) AS FLOAT64), CAST('NaN' AS FLOAT64)) AS `paid`",
    ),
    "date": (
        Feature("day", "string", format="date"),
        "IFNULL(UNIX_SECONDS(TIMESTAMP(`day`)), ERROR('day: a value is missing')) AS `day`",
    ),
    "date, may be missing": (
        Feature("day", "string", format="date-time", nullable=True),
        "IFNULL(CAST(UNIX_SECONDS(TIMESTAMP(`day`)) AS FLOAT64), CAST('NaN' AS FLOAT64)) AS `day`",
    ),
}


def manifest_of(*features: Feature, **changes: Any) -> Manifest:
    """Make a manifest of a model of two classes."""
    parts: dict[str, Any] = {"name": "my model", "task": "binary", "encoded": ("x",), "classes": ("early", "late")}
    return Manifest(**{**parts, "features": features, **changes})


def graph_of(*features: Feature, operator: str = "Neg", kind: int = TensorProto.DOUBLE, **versions: int) -> Any:
    """Make a graph with the inputs of features, and a number that goes through an operator."""
    inputs = [helper.make_tensor_value_info(each.feature.name, each.kind, [None, 1]) for each in inputs_of(features)]
    number = helper.make_tensor_value_info("other", kind, [None, 1])
    outputs = [helper.make_tensor_value_info(name, kind, [None, 1]) for name in ("label", "probabilities")]
    nodes = [helper.make_node(operator, ["other"], [each.name]) for each in outputs]
    graph = helper.make_graph(nodes, "g", [*inputs, number], outputs)
    imports = [helper.make_opsetid("", versions.get("opset", 17)), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=imports, ir_version=versions.get("ir", 8))


@pytest.mark.parametrize("name", FEATURES)
def test_a_column_refuses_what_the_function_refuses(name: str) -> None:
    """And gives the graph what stands for a missing value."""
    feature, wanted = FEATURES[name]
    assert column_of(inputs_of([feature])[0]) == wanted.replace("ODD", literal(ODD)).replace("UNKNOWN", UNKNOWN)


def test_the_statements_can_be_parsed() -> None:
    """Text of any kind stays text."""
    features = [feature for name, (feature, _) in FEATURES.items() if name in ("closed", "default", "number", "date")]
    model = graph_of(*features)
    del model.graph.input[-1]
    create, predict = write_statements(model, manifest_of(*features), "folder/model.onnx").values()
    (created,) = sqlglot.parse(create, dialect="bigquery")
    assert isinstance(created, exp.Create)
    assert created.args["replace"] is True
    assert created.kind == "MODEL"
    assert created.this.sql("bigquery") == "`DATASET.my_model`"
    options = {each.name.upper(): each.args["value"].name for each in created.find_all(exp.Property) if each.name}
    assert options == {"MODEL_TYPE": "ONNX", "MODEL_PATH": "gs://BUCKET/models/my_model.onnx"}
    (predicted,) = sqlglot.parse(predict, dialect="bigquery")
    (call,) = predicted.find_all(exp.Predict) if predicted else []
    inner = next(call.find_all(exp.Select))
    assert [each.alias for each in inner.expressions] == [feature.name for feature in features]
    assert ODD in [each.name for each in inner.find_all(exp.Literal)]
    assert "-- Its probabilities are those of the classes early, late.\n" in predict


def test_a_model_within_the_limits_passes() -> None:
    """Types, versions and names."""
    check_limits(graph_of(Feature("city_1", "string")))


BEYOND: dict[str, tuple[Any, str]] = {
    "operators": (graph_of(opset=18), "operators of newer versions"),
    "IR": (graph_of(ir=9), "IR version 9, over 8"),
    "types": (graph_of(kind=TensorProto.COMPLEX64), "types that it does not support: other, label, probabilities"),
    "kernels": (graph_of(operator="Erf"), "in single precision only: Erf"),
    "names": (graph_of(Feature("Ship Mode", "string"), Feature("_file_x", "string")), "'Ship Mode', '_file_x'; rename"),
    "case": (graph_of(Feature("City", "string"), Feature("city", "string")), "the same name to it: 'City', 'city'"),
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_beyond_a_limit_is_refused_by_name(name: str) -> None:
    """Before anything is uploaded."""
    model, message = BEYOND[name]
    with pytest.raises(NotExported, match=message):
        check_limits(model)


def test_a_file_that_is_too_large_is_refused() -> None:
    """450 MB are allowed."""
    assert MAX_BYTES == 450_000_000
    with pytest.raises(NotExported, match=r"the file has \d+ bytes, over 100"):
        check_limits(graph_of(), max_bytes=100)


def test_a_statement_that_is_too_long_is_refused() -> None:
    """A million characters are allowed."""
    feature = Feature("city", "string", categories=tuple(f"city {number}" for number in range(100_000)))
    model: onnx.ModelProto = graph_of(feature)
    del model.graph.input[-1]
    with pytest.raises(NotExported, match=r"predict\.sql would have 1,\d+,\d+ characters"):
        write_statements(model, manifest_of(feature), "model.onnx")
