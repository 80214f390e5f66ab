"""Predict rows whose actual target is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from function.model.engines.inputs import input_of
from function.model.joblib.tasks import target_task
from function.model.manifest import Task

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Predictions:
    """Actual and predicted targets of n rows: values of a regression, or positions in `classes`."""

    task: Task
    classes: Sequence[Any]
    """Empty for a regression."""
    truth: Array
    """The actual target, of shape [n]; -1 is a class that the model does not know."""
    predicted: Array
    """The predicted target, of shape [n]."""
    probabilities: Array | None = None
    """The predicted probabilities, of shape [n, classes]; None if the model has none."""

    @property
    def scores(self) -> Array | None:
        """The probability of the second class of a binary task, of shape [n]."""
        return self.probabilities[:, 1] if self.task == "binary" and self.probabilities is not None else None

    def rows(self, chosen: Array) -> "Predictions":
        """Return the predictions of the rows in a mask or list of positions."""
        return replace(
            self,
            truth=self.truth[chosen],
            predicted=self.predicted[chosen],
            probabilities=None if self.probabilities is None else self.probabilities[chosen],
        )

    def at(self, threshold: float | None) -> "Predictions":
        """Return predictions with the second class where its probability is greater than a threshold."""
        if threshold is None or self.scores is None:
            return self
        return replace(self, predicted=(self.scores > threshold).astype(np.int64))


def predict_rows(model: Any, X: pd.DataFrame, y: pd.Series) -> Predictions:
    """Predict the rows of a table whose target y is known."""
    rows, task = input_of(model, X), target_task(model)
    predicted = np.asarray(model.predict(rows)).reshape(-1)
    if task == "regression":
        return Predictions(task, (), y.to_numpy(dtype=float), predicted.astype(float))
    classes = model.classes_.tolist()
    probabilities = model.predict_proba(rows) if hasattr(model, "predict_proba") else None
    return Predictions(task, classes, _numbers(y, classes), _numbers(pd.Series(predicted), classes), probabilities)


def _numbers(labels: pd.Series, classes: Sequence[Any]) -> Array:
    """Return the position of each label in `classes`; -1 for a label that is not in it."""
    numbers: Array = pd.Index(classes).get_indexer(pd.Index(labels))
    return numbers
