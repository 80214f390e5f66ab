"""The predictions for n rows: labels, probabilities and explanations."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Method = Literal["linear", "replacement"]
Unit = Literal["log-odds", "class score", "value", "probability", "label", "score"]


class Explanation(Struct, frozen=True, eq=False):
    """What each of k named features contributed to the predictions for n rows; see `explanation.py`."""

    method: Method
    unit: Unit
    explained: npt.NDArray[np.integer[Any]] | None
    """The positions of the classes that the numbers explain, [n]; None for a regression."""
    baseline: npt.NDArray[np.floating[Any]]
    """The value to which the contributions add, [n]."""
    contributions: Mapping[str, npt.NDArray[np.floating[Any]]]
    """The contributions of each feature, [n]."""


class Outputs(Struct, frozen=True, eq=False):
    """Labels (classes, values), [n] or [n, outputs]; probabilities, [n, classes]; scores of outlier detectors, [n]."""

    labels: npt.NDArray[Any]
    probabilities: npt.NDArray[np.floating[Any]] | None = None
    explanation: Explanation | None = None
    scores: npt.NDArray[np.floating[Any]] | None = None

    def part(self, start: int, stop: int) -> "Outputs":
        """Return the outputs for some of the rows, without explanations."""
        probabilities = None if self.probabilities is None else self.probabilities[start:stop]
        scores = None if self.scores is None else self.scores[start:stop]
        return Outputs(self.labels[start:stop], probabilities, scores=scores)

    def of(self, rows: npt.NDArray[np.bool_]) -> "Outputs":
        """Return the outputs for the rows of a mask, [n], without explanations."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        scores = None if self.scores is None else self.scores[rows]
        return Outputs(self.labels[rows], probabilities, scores=scores)


def joined(parts: Sequence[Outputs]) -> Outputs:
    """Concatenate the outputs of at least one part, without explanations."""
    probabilities = [part.probabilities for part in parts if part.probabilities is not None]
    scores = [part.scores for part in parts if part.scores is not None]
    labels = np.concatenate([part.labels for part in parts])
    return Outputs(
        labels,
        np.concatenate(probabilities) if probabilities else None,
        scores=np.concatenate(scores) if scores else None,
    )
