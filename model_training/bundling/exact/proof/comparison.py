"""Compare predictions, and add up what was compared."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from function.model.plan.errors import UnsupportedRow
from model_training.bundling.exact.proof.nodes import Difference
from model_training.bundling.exact.proof.served import Answer

UNTAKEN = (ValueError, TypeError)
Predict = Callable[[Any], Answer]


@dataclass
class Comparison:
    """Counts of rows compared so far, and the differences found in them."""

    rows: int = 0
    differing_labels: int = 0
    largest_difference: float = 0.0

    def add(self, ours: Predict, theirs: Predict, rows: Any) -> None:
        """Compare predictions of rows that both sides support.

        Raises:
            Difference: one side has probabilities, the other has none; or only one supports the rows.
        """
        if not len(rows):
            return
        wanted = theirs(rows)
        try:
            found = ours(rows)
        except UnsupportedRow as error:
            raise Difference(f"a row that scikit-learn supports is refused: {error}") from None
        self.rows += len(rows)
        if wanted.probabilities is None and wanted.labels.dtype.kind == "f":
            self._numbers(found.labels, wanted.labels)
            return
        if (found.probabilities is None) != (wanted.probabilities is None):
            raise Difference("only one side has probabilities")
        self.differing_labels += sum(a != b for a, b in zip(found.labels.tolist(), wanted.labels.tolist(), strict=True))
        if wanted.probabilities is not None:
            self._numbers(found.probabilities, wanted.probabilities)

    def _numbers(self, found: Any, wanted: Any) -> None:
        if np.shape(found) != np.shape(wanted):
            raise Difference("predictions of another shape")
        with np.errstate(invalid="ignore"):
            difference = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
        difference = np.where((found == wanted) | (np.isnan(found) & np.isnan(wanted)), 0.0, difference)
        self.largest_difference = max(self.largest_difference, float(np.nan_to_num(difference, nan=np.inf).max()))


def refused_by(predict: Predict, rows: Any) -> bool:
    """Tell whether one side refuses rows."""
    try:
        predict(rows)
    except (*UNTAKEN, UnsupportedRow):
        return True
    return False


def predictor_of(model: Any) -> Predict:
    """Return what asks scikit-learn, with warnings off: the rows are odd on purpose."""

    def predict(rows: Any) -> Answer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = rows if hasattr(model, "feature_names_in_") or not hasattr(rows, "iloc") else rows.to_numpy()
            labels = np.asarray(model.predict(given))
            probabilities = model.predict_proba(given) if hasattr(model, "predict_proba") else None
        return Answer(labels if hasattr(model, "classes_") else labels.astype(np.float64).reshape(-1), probabilities)

    return predict
