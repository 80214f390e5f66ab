"""The estimators to choose from."""

from enum import StrEnum
from typing import TYPE_CHECKING

from function.model.manifest import Task
from model_training.data.errors import BadTable

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


class EstimatorName(StrEnum):
    """What may stand behind `--estimator`."""

    LOGISTIC_REGRESSION = "logistic-regression"
    RIDGE = "ridge"
    HIST_GRADIENT_BOOSTING = "hist-gradient-boosting"


def estimators_of(task: Task) -> list[EstimatorName]:
    """Return what can do a task, the usual first."""
    linear = EstimatorName.RIDGE if task == "regression" else EstimatorName.LOGISTIC_REGRESSION
    return [linear, EstimatorName.HIST_GRADIENT_BOOSTING]


def choose_estimators(wanted: EstimatorName | None, task: Task) -> list[EstimatorName]:
    """Return the one that is wanted, else all that can do a task, the usual first.

    Raises:
        BadTable: what is wanted can't do it.
    """
    possible = estimators_of(task)
    if wanted and wanted not in possible:
        raise BadTable(f"--estimator {wanted} can't do a {task} task; {' and '.join(possible)} can")
    return [wanted] if wanted else possible


def make_estimator(name: EstimatorName, seed: int, task: Task = "binary") -> "BaseEstimator":
    """Make an unfitted estimator; scikit-learn takes a second to import, so only here."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    if name == EstimatorName.LOGISTIC_REGRESSION:
        return LogisticRegression(max_iter=1000, random_state=seed)
    if name == EstimatorName.RIDGE:
        return Ridge(random_state=seed)
    boosting = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return boosting(random_state=seed)
