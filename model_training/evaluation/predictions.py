"""Predictions of a fitted model for rows whose true target is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from function.model.joblib.bare import task_of
from function.model.manifest import Task
from model_training.data.rows import rows_of

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Predictions:
    """Truth and answers of n rows. Classes are numbered in the order of `classes`; a regression's are values."""

    task: Task
    classes: Sequence[Any]
    """Empty for a regression."""
    truth: Array
    """Of shape [n]."""
    answers: Array
    """Of shape [n]: labels, or values."""
    probabilities: Array | None = None
    """Of shape [n, classes], where the model gives them."""

    @property
    def scores(self) -> Array | None:
        """The probability of the second class of two, of shape [n]."""
        return self.probabilities[:, 1] if self.task == "binary" and self.probabilities is not None else None

    def rows(self, chosen: Array) -> "Predictions":
        """Return those of a mask or of positions."""
        return replace(
            self,
            truth=self.truth[chosen],
            answers=self.answers[chosen],
            probabilities=None if self.probabilities is None else self.probabilities[chosen],
        )

    def at(self, threshold: float | None) -> "Predictions":
        """Answer the second class where its probability is greater; None changes nothing."""
        if threshold is None or self.scores is None:
            return self
        return replace(self, answers=(self.scores > threshold).astype(np.int64))


def predict_rows(model: Any, X: pd.DataFrame, y: pd.Series) -> Predictions:
    """Predict the rows of a table whose target is known."""
    rows, task = rows_of(model, X), task_of(model)
    answers = np.asarray(model.predict(rows)).reshape(-1)
    if task == "regression":
        return Predictions(task, (), y.to_numpy(dtype=float), answers.astype(float))
    classes = model.classes_.tolist()
    probabilities = model.predict_proba(rows) if hasattr(model, "predict_proba") else None
    return Predictions(task, classes, _numbers(y, classes), _numbers(pd.Series(answers), classes), probabilities)


def _numbers(labels: pd.Series, classes: Sequence[Any]) -> Array:
    """Number labels by their class; one that the model does not know is -1."""
    numbers: Array = pd.Index(classes).get_indexer(pd.Index(labels))
    return numbers
