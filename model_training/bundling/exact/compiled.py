"""Compile a fitted model: the plan of its encoder, and coefficients or a graph of its estimator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pandas as pd

from function.model.plan.proof import TOLERANCE, Kind
from function.model.plan.structs import Feature, Plan
from model_training.bundling.exact.encoders.compile import Compiler, column_kinds
from model_training.bundling.exact.estimators.write import compose
from model_training.bundling.exact.linear.scikit_learn import is_linear, read_linear
from model_training.bundling.exact.probing import (
    accepts_missing_numbers,
    accepts_missing_vectors,
    as_fitted,
    largest_number,
)
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.emit import batch_rows, emit
from model_training.bundling.exact.trees.read import is_ensemble, read_ensemble
from model_training.bundling.exact.trees.structure import MAX_NODES, Ensemble

PROBES = 5
SINGLE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Compiled:
    """What serves a model: `plan.json`, and `estimator.onnx` where there is no linear model in the plan."""

    plan: Plan
    kind: Kind
    graph: onnx.ModelProto | None = None
    batch_rows: int | None = None
    """How many rows of a batch fit the memory of the graph; None: as many as fit the plan's."""
    ensembles: tuple[tuple[Any, bool], ...] = ()
    """The estimators in the graph that are trees, and whether each sees the encoded vector itself."""
    tolerance: float = TOLERANCE
    """What numbers may differ by; XGBoost's own are float32."""


def compile_model(model: Any, X: pd.DataFrame, write: "Write | None" = None) -> Compiled:
    """Compile a fitted model or pipeline.

    Args:
        model: the model.
        X: rows that it supports, with a column for each feature, in order; their types are those of requests.
        write: makes the graph of the estimator; without it, the exact one.

    Raises:
        Refused: it has a part without an exact translation.
    """
    steps, estimator = stages(model)
    compiler = Compiler([str(name) for name in X.columns], column_kinds(X))
    block, _ = compiler.compile(steps, range(X.shape[1]), as_fitted(model, X.head(PROBES)))
    missing = accepts_missing_numbers(model, X, compiler.kinds)
    plan = Plan(
        features=tuple(map(Feature, compiler.names, missing)),
        categories=compiler.found_categories(),
        encoder=block,
        largest=largest_number(estimator),
        missing=accepts_missing_vectors(estimator),
        linear=read_linear(estimator) if write is None and is_linear(estimator) else None,
    )
    return Compiled(plan, "linear") if plan.linear else (write or _with_graph)(estimator, plan)


Write = Callable[[Any, Plan], Compiled]


def _with_graph(estimator: Any, plan: Plan) -> Compiled:
    """Write trees as a graph of their own, and estimators of several parts as one of all of them."""
    if is_ensemble(estimator):
        ensemble = read_ensemble(estimator)
        tolerance = _tolerance([ensemble])
        return Compiled(plan, "trees", emit(ensemble), batch_rows(ensemble), ((estimator, True),), tolerance)
    graph, parts = compose(estimator)
    ensembles = [read_ensemble(part) for part, _ in parts]
    nodes = sum(ensemble.n_nodes for ensemble in ensembles)
    if nodes > MAX_NODES:
        raise Refused(f"{nodes} nodes; {MAX_NODES} are allowed")
    rows = min(map(batch_rows, ensembles), default=None)
    return Compiled(plan, "composition", graph, rows, tuple(parts), _tolerance(ensembles))


def _tolerance(ensembles: Sequence[Ensemble]) -> float:
    return SINGLE_TOLERANCE if any(ensemble.add is np.float32 for ensemble in ensembles) else TOLERANCE
