"""Prove a compiled model: by structure, by rows at every edge, and by rows held out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import onnx
import pandas as pd

from function.model.plan.proof import TOLERANCE, Kind, Proof
from function.model.plan.structs import Plan
from model_training.bundling.exact.compiled import Compiled
from model_training.bundling.exact.proof.rounding import may_round
from model_training.bundling.exact.proof.rows.asked import predictor_of
from model_training.bundling.exact.proof.rows.comparison import Comparison
from model_training.bundling.exact.proof.rows.features import Sample
from model_training.bundling.exact.proof.rows.questions import Asker, Question
from model_training.bundling.exact.proof.rows.served import Served
from model_training.bundling.exact.proof.statements import statement_of
from model_training.bundling.exact.proof.structure.coefficients import prove_coefficients
from model_training.bundling.exact.proof.structure.composition import native_of_parts, prove_composition
from model_training.bundling.exact.proof.structure.native import native_of
from model_training.bundling.exact.proof.structure.nodes import Difference, Native
from model_training.bundling.exact.proof.structure.walk import Structure, prove_structure

PLAN, GRAPH = "plan.json", "estimator.onnx"
SEED = 20
NOTHING = Structure(0, 0, 0)
ROWS = 100_000
"""How many rows of the sample, and of those held out, are asked at most."""


@dataclass
class Proving:
    """The model, its sample and what has been found so far."""

    model: Any
    estimator: Any
    sample: Sample
    held_out: pd.DataFrame
    edges: Comparison = field(default_factory=Comparison)
    ordinary: Comparison = field(default_factory=Comparison)
    structure: Structure = NOTHING
    tolerance: float = TOLERANCE

    def prove(self, members: Mapping[str, bytes], compiled: Compiled) -> Proof:
        """Compare what the members of a bundle predict with the model that they were compiled from."""
        plan = compiled.plan
        try:
            self._structure(members, compiled)
            served = Served(members[PLAN], members.get(GRAPH))
            self.edges.add(served, self.questions(plan, native_of_parts(compiled.ensembles)))
            self.ordinary.add(served, self._ordinary())
            reason = reason_of(plan, self.tolerance, self.edges, self.ordinary)
        except Difference as difference:
            reason = str(difference)
        return self._proof(compiled.kind, reason)

    def questions(self, plan: Plan, native: Native | None) -> list[Question]:
        """Return the rows at edges, with the fitted model's answers."""
        asker = Asker(self.sample, plan, native, predictor_of(self.estimator), SEED)
        return [*asker.vectors(), *asker.features()]

    def _structure(self, members: Mapping[str, bytes], compiled: Compiled) -> None:
        if compiled.plan.linear is not None:
            prove_coefficients(self.estimator, compiled.plan.linear)
            return
        if compiled.kind == "converted":  # Of such a graph nothing is known.
            return
        graph = onnx.load_from_string(members[GRAPH])
        if compiled.kind == "trees":
            self.structure = prove_structure(native_of(self.estimator), graph)
        else:
            self.structure = prove_composition(compiled.ensembles, graph)

    def _ordinary(self) -> list[Question]:
        """Ask the whole model, as it predicts for its users."""
        predict = predictor_of(self.model)
        parts = [rows.head(ROWS) for rows in (self.sample.X, self.held_out) if len(rows)]
        return [Question(rows, None, predict(rows)) for rows in parts]

    def _proof(self, kind: Kind, reason: str) -> Proof:
        return Proof(
            kind=kind,
            tolerance=self.tolerance,
            trees=self.structure.trees,
            questions=self.structure.questions,
            leaves=self.structure.leaves,
            edge_rows=self.edges.rows,
            rows=self.ordinary.rows,
            differing_labels=self.edges.differing_labels + self.ordinary.differing_labels,
            largest_difference=max(self.edges.largest_difference, self.ordinary.largest_difference),
            statement="" if reason else statement_of(kind, self.structure, self.edges, self.ordinary),
            reason=reason,
        )


def reason_of(plan: Plan, tolerance: float, *found: Comparison) -> str:
    """Return why a model must not serve; nothing where it may."""
    labels = sum(comparison.differing_labels for comparison in found)
    if labels:
        return f"{labels} of {sum(comparison.rows for comparison in found)} labels differ from the fitted model's"
    largest = max(comparison.largest_difference for comparison in found)
    if largest > tolerance or max(comparison.largest_cell_difference for comparison in found) > TOLERANCE:
        return f"numbers differ from the fitted model's by up to {largest:.2g}"
    cells = sum(comparison.differing_cells for comparison in found)
    return f"{cells} encoded numbers are not bitwise the fitted encoder's" if cells and not may_round(plan) else ""
