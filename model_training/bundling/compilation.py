"""Compile a fitted model to the members of a bundle, and prove that they predict the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from function.model.manifest import Feature
from function.model.plan.proof import Proof
from model_training.bundling.converted import convert
from model_training.bundling.exact.build import build
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.native_file import library_of


@dataclass(frozen=True)
class Compilation:
    """The members with the proof, or the reason why there are none."""

    members: dict[str, bytes] = field(default_factory=dict)
    proof: Proof | None = None
    reason: str = ""
    """Why scikit-learn serves the model."""


def compile_model(model: Any, features: Sequence[Feature], X: pd.DataFrame) -> Compilation:
    """Compile a model exactly; what has no exact translation is converted where its numbers are close enough.

    Args:
        model: the fitted model.
        features: of the manifest; the columns of X in order.
        X: rows that callers may send, in the types of requests.
    """
    rows = X[[feature.name for feature in features]]
    built = build(model, rows, rows)
    if built.members:
        return Compilation(built.members, built.proof)
    if library_of(stages(model)[1]) is not None:  # Converters of boosters are wrong for many of them.
        return Compilation(reason=built.proof.reason)
    converted = convert(model, rows)
    if converted.members:
        return Compilation(converted.members, converted.proof)
    return Compilation(reason=converted.proof.reason or built.proof.reason)
