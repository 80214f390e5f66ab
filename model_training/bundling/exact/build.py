"""Build the exact members of a bundle from a fitted model, with the proof that they predict the same."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from msgspec.structs import replace
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from function.model.plan.encoder import Encoder, write_plan
from function.model.plan.proof import Proof
from model_training.bundling.exact.compiled import Compiled, compile_model
from model_training.bundling.exact.encoders.compile import column_kinds
from model_training.bundling.exact.probing import as_fitted
from model_training.bundling.exact.proof.prove import GRAPH, PLAN, Proving
from model_training.bundling.exact.proof.rows.features import Sample
from model_training.bundling.exact.proof.structure.nodes import Numbers
from model_training.bundling.exact.refused import Refused, first_line
from model_training.bundling.exact.stages import stages

SAMPLE_ROWS = 2000


@dataclass(frozen=True)
class Built:
    """The members of a bundle, none where scikit-learn must serve, and the proof or the reason."""

    proof: Proof
    members: dict[str, bytes] = field(default_factory=dict)


def build(model: Any, X: pd.DataFrame, held_out: pd.DataFrame | None = None) -> Built:
    """Compile a fitted model and prove it.

    Args:
        model: the model or pipeline.
        X: rows that it supports, with a column for each feature, in order; their types are those of requests.
        held_out: rows that training did not see.
    """
    # Threads of a library that wait for one another cost more than these few rows.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compiled = compile_model(model, X)
            return _proved(model, compiled, X, X.head(0) if held_out is None else held_out)
        except Refused as refused:
            return Built(Proof(kind="scikit-learn", reason=str(refused)))
        except Exception as error:
            # Transformers raise what they like when they are asked; whatever it is, scikit-learn can serve the model.
            return Built(Proof(kind="scikit-learn", reason=f"{type(error).__name__}: {first_line(error)}"))


def _proved(model: Any, compiled: Compiled, X: pd.DataFrame, held_out: pd.DataFrame) -> Built:
    members = members_of(compiled)
    proof = proving(model, compiled, X, held_out).prove(members, compiled)
    return Built(proof, members if proof else {})


def proving(model: Any, compiled: Compiled, X: pd.DataFrame, held_out: pd.DataFrame) -> Proving:
    """Prepare the proof of a compiled model."""
    steps, estimator = stages(model)
    rows = X.head(SAMPLE_ROWS).reset_index(drop=True)
    encode = encoder_of(model, steps)
    numeric = frozenset(Encoder(compiled.plan).numeric)
    sample = Sample(rows, column_kinds(X), numeric, encode, encode(rows))
    return Proving(model, estimator, sample, held_out, tolerance=compiled.tolerance)


def members_of(compiled: Compiled) -> dict[str, bytes]:
    """Write the files of a compiled model."""
    members = {PLAN: write_plan(replace(compiled.plan, batch_rows=compiled.batch_rows))}
    if compiled.graph is not None:
        members[GRAPH] = compiled.graph.SerializeToString(deterministic=True)
    return members


def encoder_of(model: Any, steps: list[Any]) -> Callable[[pd.DataFrame], Numbers]:
    """Return scikit-learn's own encoder: rows of features in, encoded vectors out."""

    def encode(rows: pd.DataFrame) -> Numbers:
        x: Any = as_fitted(model, rows)
        for step in steps:
            x = x if step is None or isinstance(step, str) else step.transform(x)
        return np.asarray(x.toarray() if hasattr(x, "toarray") else x, dtype=np.float64)

    return encode
