"""The predictions for n rows: labels, probabilities and explanations."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Method = Literal["linear", "replacement"]
Unit = Literal["log-odds", "class score", "value", "probability", "label", "score"]
Probabilities = npt.NDArray[np.floating[Any]]


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


class Outputs(Struct, frozen=True, eq=False, dict=True):
    """Labels (classes, values), [n] or [n, outputs]; probabilities, [n, classes]; scores of outlier detectors, [n]."""

    labels: npt.NDArray[Any]
    shares: Probabilities | Callable[[], Probabilities] | None = None
    """The probabilities, [n, classes], or what computes them where they are asked for: finite numbers, [n, classes], or
    those of the second of two classes, [n]."""
    explanation: Explanation | None = None
    scores: npt.NDArray[np.floating[Any]] | None = None

    @cached_property
    def probabilities(self) -> Probabilities | None:
        """The probabilities, if the model predicts them."""
        shares = self._computed
        if shares is None or shares.ndim > 1:
            return shares
        both = np.empty((len(shares), 2))
        np.subtract(1.0, shares, out=both[:, 0])
        both[:, 1] = shares
        return both

    @cached_property
    def _computed(self) -> Probabilities | None:
        return self.shares() if callable(self.shares) else self.shares

    def above(self, threshold: float) -> npt.NDArray[np.bool_] | None:
        """Return for each row, [n], whether the probability of the second class is above a threshold."""
        shares = self._computed
        return None if shares is None else (shares if shares.ndim == 1 else shares[:, 1]) > threshold

    def part(self, start: int, stop: int) -> "Outputs":
        """Return the outputs for some of the rows, without explanations."""
        return self._chosen(slice(start, stop))

    def of(self, rows: npt.NDArray[np.bool_]) -> "Outputs":
        """Return the outputs for the rows of a mask, [n], without explanations."""
        return self._chosen(rows)

    def labelled(self, labels: npt.NDArray[Any]) -> "Outputs":
        """Return other labels with the same probabilities."""
        return Outputs(labels, self._shares_of(slice(None)))

    def _chosen(self, rows: slice | npt.NDArray[np.bool_]) -> "Outputs":
        scores = None if self.scores is None else self.scores[rows]
        return Outputs(self.labels[rows], self._shares_of(rows), scores=scores)

    def _shares_of(self, rows: slice | npt.NDArray[np.bool_]) -> Any:
        def chosen() -> Any:
            return None if self.probabilities is None else self.probabilities[rows]

        return chosen if callable(self.shares) else chosen()


def joined(parts: Sequence[Outputs]) -> Outputs:
    """Concatenate the outputs of at least one part, without explanations."""

    def concatenated() -> Any:
        return np.concatenate([part.probabilities for part in parts])

    shares = parts[0].shares
    scores = [part.scores for part in parts if part.scores is not None]
    return Outputs(
        np.concatenate([part.labels for part in parts]),
        concatenated if callable(shares) else None if shares is None else concatenated(),
        scores=np.concatenate(scores) if scores else None,
    )
