"""Prove a compiled model: by structure, by rows at every edge, and by rows held out."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import pandas as pd

from function.model.plan.proof import TOLERANCE, Kind, Proof
from model_training.bundling.exact.proof.asking import ask_features, ask_vectors
from model_training.bundling.exact.proof.comparison import Comparison, predictor_of
from model_training.bundling.exact.proof.feature_rows import Sample
from model_training.bundling.exact.proof.native import Native, native_of
from model_training.bundling.exact.proof.nodes import Difference
from model_training.bundling.exact.proof.served import Served
from model_training.bundling.exact.proof.structure import Structure, prove_structure

PLAN, GRAPH = "plan.json", "estimator.onnx"
SEED = 20
ROWS = 2000
"""How many rows of the sample, and of those held out, are asked."""


def prove(model: Any, members: Mapping[str, bytes], sample: Sample, estimator: Any, held_out: pd.DataFrame) -> Proof:
    """Compare what the members of a bundle predict with the model that they were compiled from.

    Args:
        model: the fitted model.
        members: `plan.json`, and `estimator.onnx` if there is one.
        sample: rows that the model supports.
        estimator: the model's last step.
        held_out: rows that training did not see, or more of the sample.
    """
    kind: Kind = "trees" if GRAPH in members else "linear"
    edges, ordinary, structure = Comparison(), Comparison(), Structure(0, 0, 0)
    try:
        native = native_of(estimator) if kind == "trees" else None
        if native is not None:
            structure = prove_structure(native, onnx.load_from_string(members[GRAPH]))
        served = Served(members[PLAN], members.get(GRAPH))
        _ask(model, estimator, served, native, sample, edges)
        for rows in (sample.X.head(ROWS), held_out.head(ROWS)):
            ordinary.add(served.predict, predictor_of(model), rows)
        reason = _reason(edges, ordinary)
    except Difference as difference:
        reason = str(difference)
    return _proof(kind, structure, edges, ordinary, reason)


def _ask(model: Any, estimator: Any, served: Served, native: Native | None, sample: Sample, edges: Comparison) -> None:
    rng = np.random.default_rng(SEED)
    ask_vectors(edges, served.predict_vectors, predictor_of(estimator), native, sample, rng)
    ask_features(edges, served, predictor_of(model), native, sample, rng)


def _reason(*found: Comparison) -> str:
    labels = sum(comparison.differing_labels for comparison in found)
    largest = max(comparison.largest_difference for comparison in found)
    if labels:
        return f"{labels} of {sum(comparison.rows for comparison in found)} labels differ from scikit-learn's"
    return f"numbers differ from scikit-learn's by up to {largest:.2g}" if largest > TOLERANCE else ""


def _proof(kind: Kind, structure: Structure, edges: Comparison, ordinary: Comparison, reason: str) -> Proof:
    largest = max(edges.largest_difference, ordinary.largest_difference)
    statement = STATEMENTS[kind](structure, largest, edges.rows, ordinary.rows)
    return Proof(
        kind=kind,
        trees=structure.trees,
        questions=structure.questions,
        leaves=structure.leaves,
        edge_rows=edges.rows,
        rows=ordinary.rows,
        differing_labels=edges.differing_labels + ordinary.differing_labels,
        largest_difference=largest,
        statement="" if reason else statement,
        reason=reason,
    )


def _of_trees(structure: Structure, largest: float, edges: int, rows: int) -> str:
    return (
        f"exact: sums bitwise; {structure.questions} nodes and {structure.leaves} leaves of {structure.trees} trees "
        f"compared; no label differs and numbers by up to {largest:.2g} in {edges} rows at edges and {rows} others"
    )


def _of_coefficients(_: Structure, largest: float, edges: int, rows: int) -> str:
    return (
        f"exact: no label differs and numbers by up to {largest:.2g} in {edges} rows at and between values "
        f"and {rows} others"
    )


STATEMENTS: dict[Kind, Callable[[Structure, float, int, int], str]] = {
    "trees": _of_trees,
    "linear": _of_coefficients,
    "composition": _of_trees,
}
