"""Compile a fitted model: the plan of its encoder, and coefficients or a graph of its estimator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import onnx
import pandas as pd

from function.model.plan.structs import Feature, Linear, Plan
from model_training.bundling.exact.encoders.compile import Compiler, column_kinds
from model_training.bundling.exact.linear.scikit_learn import is_linear, read_linear
from model_training.bundling.exact.probing import (
    accepts_missing_numbers,
    accepts_missing_vectors,
    as_fitted,
    largest_number,
)
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.emit import batch_rows, emit
from model_training.bundling.exact.trees.scikit_learn import read_ensemble

PROBES = 5


Translated = tuple[Linear | None, onnx.ModelProto | None, int | None]
"""Coefficients or a graph, and how many rows of a batch fit the memory of the graph."""
ReadEstimator = Callable[[Any], Translated]


@dataclass(frozen=True)
class Compiled:
    """What serves a model: `plan.json`, and `estimator.onnx` where there is no linear model in the plan."""

    plan: Plan
    graph: onnx.ModelProto | None = None


def compile_model(model: Any, X: pd.DataFrame, read: "ReadEstimator | None" = None) -> Compiled:
    """Compile a fitted model or pipeline.

    Args:
        model: the model.
        X: rows that it supports, with a column for each feature, in order; their types are those of requests.
        read: translates the estimator; without it, exactly.

    Raises:
        Refused: it has a part without an exact translation.
    """
    steps, estimator = stages(model)
    compiler = Compiler([str(name) for name in X.columns], column_kinds(X))
    block, _ = compiler.compile(steps, range(X.shape[1]), as_fitted(model, X.head(PROBES)))
    linear, graph, rows = (read or _estimator)(estimator)
    missing = accepts_missing_numbers(model, X, compiler.kinds)
    plan = Plan(
        features=tuple(map(Feature, compiler.names, missing)),
        categories=compiler.found_categories(),
        encoder=block,
        largest=largest_number(estimator),
        missing=accepts_missing_vectors(estimator),
        linear=linear,
        batch_rows=rows,
    )
    return Compiled(plan, graph)


def _estimator(estimator: Any) -> Translated:
    if is_linear(estimator):
        return read_linear(estimator), None, None
    ensemble = read_ensemble(estimator)
    return None, emit(ensemble), batch_rows(ensemble)
