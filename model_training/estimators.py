"""The estimators to choose from."""

from enum import StrEnum
from typing import TYPE_CHECKING

from function.model.manifest import Task

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
