"""Compiling a fitted model to two ONNX graphs, and proving that they predict the same."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import BooleanTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer

from function.errors import Refused
from function.model.bundle import ENCODER, ESTIMATOR
from function.model.engines.onnx import OnnxEngine
from function.model.engines.sklearn import has_two_stages
from function.model.loaded import TOLERANCE, relative_difference
from function.model.manifest import Feature
from function.model.schema import Columns
from model_training.bundling.graphs import check_graph
from model_training.data.rows import rows_of

EXACT = {"integer": Int64TensorType, "boolean": BooleanTensorType}


@dataclass(frozen=True)
class Agreement:
    """How the compiled model compares with scikit-learn on n rows."""

    rows: int
    differing_labels: int
    largest_difference: float

    def __bool__(self) -> bool:
        """Tell whether both may be called the same."""
        return self.differing_labels == 0 and self.largest_difference <= TOLERANCE


@dataclass(frozen=True)
class Compilation:
    """The ONNX members with the proof, or the reason why there are none."""

    members: dict[str, bytes]
    agreement: Agreement | None = None
    reason: str = ""


def compile_model(
    model: Any, features: Sequence[Feature], width: int, X: pd.DataFrame, threshold: float | None = None
) -> Compilation:
    """Compile a model and predict every row of a sample with both; what differs is not kept."""
    reasons: dict[str, None] = {}
    for tensors in _tensors(features):
        try:
            members = _convert(model, tensors, width, X)
            agreement = compare(model, members, X, features, threshold)
        except Exception as error:
            # Converters raise what they like; whatever it is, scikit-learn itself can serve the model.
            reasons[_first_line(error)] = None
            continue
        if agreement:
            return Compilation(members, agreement)
        reasons[
            f"{agreement.differing_labels} of {agreement.rows} labels differ from scikit-learn's, "
            f"numbers by up to {agreement.largest_difference:.2g}"
        ] = None
    return Compilation({}, reason="; ".join(reasons))


def compare(
    model: Any,
    members: dict[str, bytes],
    X: pd.DataFrame,
    features: Sequence[Feature],
    threshold: float | None = None,
) -> Agreement:
    """Predict every row with scikit-learn and with the very engine that serves."""
    rows = rows_of(model, X)
    probabilities = hasattr(model, "predict_proba")
    engine = OnnxEngine(members[ENCODER], members[ESTIMATOR], probabilities=probabilities)
    outputs = engine.predict(engine.encode(as_columns(X, features)))
    labels = model.predict(rows)
    if not hasattr(model, "classes_"):
        return Agreement(len(X), 0, float(relative_difference(outputs.labels, labels.reshape(-1)).max()))
    differing = sum(ours != wanted for ours, wanted in zip(outputs.labels.tolist(), labels.tolist(), strict=True))
    if outputs.probabilities is None:
        return Agreement(len(X), differing, 0.0)
    theirs = model.predict_proba(rows)
    if threshold is not None:
        differing = int(((outputs.probabilities[:, 1] > threshold) != (theirs[:, 1] > threshold)).sum())
    return Agreement(len(X), differing, float(relative_difference(outputs.probabilities, theirs).max()))


def as_columns(X: pd.DataFrame, features: Sequence[Feature]) -> Columns:
    """Turn a table into the arrays that an engine takes, one of shape [n] for each feature."""
    return [X[feature.name].to_numpy() for feature in features]


def _tensors(features: Sequence[Feature]) -> Iterator[list[tuple[str, Any]]]:
    """Yield the types to try: each feature's own, then floats for all that is no category."""
    for always in (True, False):
        yield [(f.name, _tensor(f, exact=always or bool(f.categories))([None, 1])) for f in features]


def _tensor(feature: Feature, *, exact: bool) -> Any:
    """Choose a tensor; only one of floats can hold a missing number."""
    if feature.type == "string":
        return StringTensorType
    return EXACT.get(feature.type, FloatTensorType) if exact and not feature.nullable else FloatTensorType


def _convert(model: Any, tensors: list[tuple[str, Any]], width: int, X: pd.DataFrame) -> dict[str, bytes]:
    encoder, estimator = (model[:-1], model[-1]) if has_two_stages(model) else (_identity(X), model)
    vector = [("encoded", FloatTensorType([None, width]))]
    options = {"zipmap": False} if hasattr(model, "predict_proba") else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graphs = {
            ENCODER: to_onnx(encoder, initial_types=tensors),
            ESTIMATOR: to_onnx(estimator, initial_types=vector, options=options),
        }
    members = {name: _serialized(graph) for name, graph in graphs.items()}
    for name, content in members.items():
        check_graph(name, content)
    return members


def _serialized(graph: Any) -> bytes:
    """Write a graph with its imports in order: they come out of a set, whose order changes from process to process."""
    imports = sorted(graph.opset_import, key=lambda opset: opset.domain)
    del graph.opset_import[:]
    graph.opset_import.extend(imports)
    return bytes(graph.SerializeToString(deterministic=True))


def _identity(X: pd.DataFrame) -> Any:
    """Return what puts numeric columns side by side."""
    if any(dtype.kind not in "iufb" for dtype in X.dtypes):
        raise Refused("a model that is no pipeline can't be compiled where its columns are not all numbers")
    return ColumnTransformer([("all", "passthrough", list(X.columns))]).fit(X)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
