"""Read the weights of a linear model, after checking on a sample that its scores are their weighted sums."""

from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from function.model.engines.inputs import input_of
from function.model.engines.sklearn import has_two_stages, transform
from function.model.loaded import relative_difference
from function.model.manifest import Linear, OtherTask, ScoreUnit, Task

PROVING_ROWS = 1000
TOLERANCE = 1e-9


def linear_of(model: Any, task: Task | OtherTask, X: pd.DataFrame) -> Linear | None:
    """Return a fitted model's weights, or None if its scores on a sample are not their weighted sums.

    Not every model with coefficients is linear in the encoded vector: a support-vector machine of three classes
    has a row for each pair of classes, and the value of a Poisson regression is the exponential of the sum.
    """
    if task not in get_args(Task):
        return None
    estimator = model[-1] if has_two_stages(model) else model
    coefficients, intercept = getattr(estimator, "coef_", None), getattr(estimator, "intercept_", None)
    if not isinstance(coefficients, np.ndarray) or intercept is None:
        return None
    rows, weights = input_of(model, X.head(PROVING_ROWS)), np.atleast_2d(coefficients)
    encoded = transform(model, rows) if has_two_stages(model) else rows
    matrix = encoded if hasattr(encoded, "toarray") else np.asarray(encoded)  # A sparse matrix stays one.
    expected = np.asarray(model.predict(rows) if task == "regression" else model.decision_function(rows))
    sums = matrix.astype(float) @ weights.T + intercept
    if sums.size != expected.size or not _same(sums, expected.reshape(sums.shape)):
        return None
    intercepts = np.broadcast_to(intercept, len(weights))
    return Linear(tuple(map(tuple, weights.tolist())), tuple(intercepts.tolist()), _unit(model, task, rows, sums))


def _unit(model: Any, task: Task | OtherTask, rows: Any, sums: npt.NDArray[Any]) -> ScoreUnit:
    if task == "regression":
        return "value"
    has_probability = task == "binary" and hasattr(model, "predict_proba")
    if has_probability and _same(1 / (1 + np.exp(-sums[:, 0])), model.predict_proba(rows)[:, 1]):
        return "log-odds"
    return "class score"


def _same(ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> bool:
    return bool(relative_difference(ours, theirs).max() <= TOLERANCE)
