"""Compile a fitted model to the members of a bundle, and prove that they predict the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import pandas as pd

from function.model.bundle import PLAN
from function.model.manifest import Feature, OtherTask, Task
from function.model.plan.encoder import read_plan
from function.model.plan.proof import Proof
from model_training.bundling.converted import convert
from model_training.bundling.exact.build import build
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.native_file import library_of


@dataclass(frozen=True)
class Compilation:
    """The compiled members with their proof, or the reason why there are none."""

    members: dict[str, bytes] = field(default_factory=dict)
    proof: Proof | None = None
    reason: str = ""
    """Why scikit-learn serves the model."""
    not_exact: str = ""
    """Why it has no exact translation, if its conversion was tried then."""

    @property
    def width(self) -> int:
        """The number of columns in the encoded vector; 0 if the model is not compiled."""
        return read_plan(self.members[PLAN]).width if PLAN in self.members else 0


def compile_model(model: Any, task: Task | OtherTask, features: Sequence[Feature], X: pd.DataFrame) -> Compilation:
    """Compile a model exactly, or convert it with skl2onnx if its numbers are close enough.

    Args:
        model: the fitted model.
        task: its task; of models that predict several values for each row only boosters are compiled.
        features: the features of the manifest, which are the columns of X in order.
        X: rows that callers may send, in the types of requests.
    """
    library = library_of(stages(model)[1])
    if task not in get_args(Task) and (library is None or task != "multioutput-regression"):
        return Compilation(reason=f"models of the task {task} are not compiled")
    rows = X[[feature.name for feature in features]]
    built = build(model, rows, rows)
    if built.members:
        return Compilation(built.members, built.proof)
    if library is not None:  # Converters of boosters are wrong for many of them.
        return Compilation(reason=built.proof.reason)
    converted = convert(model, rows)
    if converted.members:
        return Compilation(converted.members, converted.proof)
    return Compilation(reason=converted.proof.reason or built.proof.reason, not_exact=built.proof.reason)
