"""Statements that import a graph into BigQuery ML and predict a table with it, and the limits of that import.

The limits are those of
https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-onnx in November 2026: tensors of
the types below, a file of 450 MB, and ONNX Runtime 1.12.0, which reads ONNX 1.12
(https://onnxruntime.ai/docs/reference/compatibility.html). Names of columns are those of
https://cloud.google.com/bigquery/docs/schemas#column_names.
"""

import re
from collections.abc import Sequence

import onnx
from onnx import TensorProto, shape_inference

from function.model.manifest import Manifest
from model_training.exporting.graph.inputs import inputs_in
from model_training.exporting.graph.portable import IR_VERSION, ML_VERSION, ONNX_VERSION
from model_training.exporting.refused import NotExported
from model_training.exporting.sql import column_of, create_model, predict

MAX_BYTES = 450_000_000
MAX_QUERY_CHARACTERS = 1_000_000
"""https://cloud.google.com/bigquery/quotas: the length of a query."""
VERSIONS = {"": ONNX_VERSION, "ai.onnx.ml": ML_VERSION}
TYPES = frozenset(
    TensorProto.DataType.Value(name)
    for name in (
        "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FLOAT16", "BFLOAT16", "FLOAT",
        "DOUBLE", "BOOL", "STRING",
    )
)  # fmt: skip
SINGLE_ONLY = frozenset(
    (
        "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Binarizer", "Ceil", "Cos", "Cosh", "Elu", "Erf", "Floor",
        "HardSigmoid", "Hardmax", "Imputer", "IsNaN", "LeakyRelu", "LinearRegressor", "Mean", "NonZero", "ReduceL1",
        "ReduceL2", "ReduceLogSum", "ReduceProd", "SVMRegressor", "Selu", "Sinh", "Softplus", "Softsign", "Split",
        "Tan", "Unique",
    )
)  # fmt: skip
"""The operators that ONNX Runtime 1.12.0 does not have for double, found by asking it."""
COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
RESERVED = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")


def check_limits(model: onnx.ModelProto, max_bytes: int = MAX_BYTES) -> None:
    """Check that BigQuery ML can import a graph.

    Raises:
        NotExported: it cannot; the message names each reason.
    """
    if problems := [*_problems(model, max_bytes), *_problems_of_names([each.name for each in model.graph.input])]:
        raise NotExported("BigQuery ML cannot import this model: " + "; ".join(problems))


def _problems(model: onnx.ModelProto, max_bytes: int) -> list[str]:
    size = model.ByteSize()
    newer = [each for each in model.opset_import if each.version > VERSIONS.get(each.domain, 0)]
    odd = [
        each.name
        for each in (*model.graph.input, *model.graph.output)
        if each.type.WhichOneof("value") != "tensor_type" or each.type.tensor_type.elem_type not in TYPES
    ]
    lacking = sorted(_lacking(model))
    checks = {
        f"the file has {size:,} bytes, over {max_bytes:,}": size > max_bytes,
        f"IR version {model.ir_version}, over {IR_VERSION}": model.ir_version > IR_VERSION,
        "operators of newer versions than ONNX 1.12 has": bool(newer),
        f"inputs or outputs of types that it does not support: {', '.join(odd)}": bool(odd),
        f"ONNX Runtime 1.12 has these operators in single precision only: {', '.join(lacking)}": bool(lacking),
    }
    return [problem for problem, wrong in checks.items() if wrong]


def _lacking(model: onnx.ModelProto) -> set[str]:
    graph = shape_inference.infer_shapes(model).graph
    tensors = (*graph.value_info, *graph.input, *graph.output)
    kinds = {each.name: each.type.tensor_type.elem_type for each in tensors}
    kinds |= {each.name: each.data_type for each in graph.initializer}
    return {
        node.op_type
        for node in graph.node
        if node.op_type in SINGLE_ONLY and kinds.get(node.input[0]) == TensorProto.DOUBLE
    }


def _problems_of_names(names: Sequence[str]) -> list[str]:
    wrong = [name for name in names if not COLUMN.fullmatch(name) or name.lower().startswith(RESERVED)]
    folded = [name.lower() for name in names]
    same = [name for name in names if folded.count(name.lower()) > 1]
    problems = []
    if wrong:
        listed = ", ".join(map(repr, wrong))
        problems.append(
            f"these features are no names of its columns (letters, digits and _, not first a digit): {listed}; rename "
            "the columns of the training data"
        )
    if same:
        problems.append(f"these features have the same name to it: {', '.join(map(repr, same))}")
    return problems


def write_statements(model: onnx.ModelProto, manifest: Manifest, file: str) -> dict[str, str]:
    """Return the statements by their files: `create_model.sql` and `predict.sql`.

    Args:
        model: the graph, which was checked.
        manifest: the manifest of its bundle.
        file: the name of the graph's file.

    Raises:
        NotExported: a statement is longer than BigQuery allows.
    """
    columns = [column_of(each) for each in inputs_in(model, manifest.features)]
    statements = {
        "create_model.sql": create_model(manifest, file),
        "predict.sql": predict(manifest, columns, probabilities=len(model.graph.output) > 1),
    }
    for name, text in statements.items():
        if len(text) > MAX_QUERY_CHARACTERS:
            raise NotExported(
                f"{name} would have {len(text):,} characters, and BigQuery allows {MAX_QUERY_CHARACTERS:,}"
            )
    return statements
