"""Compare what is served with the fitted model's answers, and add up what was compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from function.model.plan.errors import UnsupportedRow
from model_training.bundling.exact.proof.rows.questions import Question
from model_training.bundling.exact.proof.rows.served import Answer, Served
from model_training.bundling.exact.proof.structure.nodes import Difference, Numbers


@dataclass
class Comparison:
    """Counts of rows compared so far, and the differences found in them."""

    rows: int = 0
    cells: int = 0
    """How many encoded numbers were compared."""
    differing_cells: int = 0
    """How many of them are not bitwise the same."""
    largest_cell_difference: float = 0.0
    differing_labels: int = 0
    largest_difference: float = 0.0
    of_values: bool = False
    """Whether values of a regression were compared, rather than labels."""

    def add(self, served: Served, questions: Iterable[Question]) -> None:
        """Ask what the fitted model has answered.

        Raises:
            Difference: only one side supports a row, or predictions differ in kind.
        """
        for question in questions:
            self._add(served, question)

    def _add(self, served: Served, question: Question) -> None:
        try:
            encoded, found = served.answer(question.rows)
        except UnsupportedRow as error:
            if question.answer is None:
                return
            raise Difference(f"a row that the fitted model supports is refused: {error}") from None
        if question.answer is None:
            raise Difference("a row that the fitted model refuses is supported")
        self.rows += len(question.rows)
        if question.encoded is not None and encoded is not None:
            self._cells(encoded, question.encoded)
        self._predictions(found, question.answer)

    def _cells(self, found: Numbers, wanted: Numbers) -> None:
        if found.shape != wanted.shape:
            raise Difference(f"an encoded vector of {found.shape[1]} numbers for {wanted.shape[1]}")
        self.cells += found.size
        # Zeros are equal whatever their sign.
        same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        self.differing_cells += int((~same).sum())
        self.largest_cell_difference = max(self.largest_cell_difference, largest_difference(found, wanted))

    def _predictions(self, found: Answer, wanted: Answer) -> None:
        if wanted.is_value:
            self.of_values = True
            self.largest_difference = max(self.largest_difference, largest_difference(found.labels, wanted.labels))
            return
        self.differing_labels += sum(a != b for a, b in zip(found.labels.tolist(), wanted.labels.tolist(), strict=True))
        if (found.probabilities is None) != (wanted.probabilities is None):
            raise Difference("only one side has probabilities")
        if found.probabilities is not None and wanted.probabilities is not None:
            difference = largest_difference(found.probabilities, wanted.probabilities)
            self.largest_difference = max(self.largest_difference, difference)


def largest_difference(found: Any, wanted: Any) -> float:
    """Return the largest difference relative to the larger of the magnitude wanted and 1.

    Raises:
        Difference: the shapes differ.
    """
    if np.shape(found) != np.shape(wanted):
        raise Difference(f"predictions of shape {np.shape(found)} for {np.shape(wanted)}")
    with np.errstate(invalid="ignore"):
        difference = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    return float(np.where(same, 0.0, np.nan_to_num(difference, nan=np.inf)).max(initial=0.0))
