"""The predictions for n rows: labels, probabilities and explanations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Method = Literal["linear", "replacement"]
Unit = Literal["log-odds", "class score", "value", "probability", "label"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What each of k named features contributed to the predictions for n rows; see `explanation.py`."""

    method: Method
    unit: Unit
    explained: npt.NDArray[np.integer[Any]] | None
    """The positions of the classes that the numbers explain, [n]; None for a regression."""
    baseline: npt.NDArray[np.floating[Any]]
    """The value to which the contributions add, [n]."""
    contributions: Mapping[str, npt.NDArray[np.floating[Any]]]
    """The contributions of each feature, [n]."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Labels (classes, or values of a regression), [n], and probabilities, [n, classes]."""

    labels: npt.NDArray[Any]
    probabilities: npt.NDArray[np.floating[Any]] | None = None
    explanation: Explanation | None = None

    def part(self, start: int, stop: int) -> "Outputs":
        """Return the outputs for some of the rows, without explanations."""
        probabilities = None if self.probabilities is None else self.probabilities[start:stop]
        return Outputs(self.labels[start:stop], probabilities)


def joined(parts: Sequence[Outputs]) -> Outputs:
    """Concatenate the outputs of at least one part, without explanations."""
    probabilities = [part.probabilities for part in parts if part.probabilities is not None]
    labels = np.concatenate([part.labels for part in parts])
    return Outputs(labels, np.concatenate(probabilities) if probabilities else None)
