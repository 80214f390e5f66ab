"""List the estimators that `train` can fit, and create them."""

from enum import StrEnum
from typing import TYPE_CHECKING

from function.model.manifest import Task
from model_training.data.errors import BadTable

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


class EstimatorName(StrEnum):
    """Values of `--estimator`."""

    LOGISTIC_REGRESSION = "logistic-regression"
    RIDGE = "ridge"
    HIST_GRADIENT_BOOSTING = "hist-gradient-boosting"
    XGBOOST = "xgboost"
    LIGHTGBM = "lightgbm"
    CATBOOST = "catboost"


BOOSTERS = (EstimatorName.XGBOOST, EstimatorName.LIGHTGBM, EstimatorName.CATBOOST)
"""The estimators of libraries that are not installed by default; they support all tasks."""
CONSTRAINED = (EstimatorName.HIST_GRADIENT_BOOSTING, *BOOSTERS)
"""The estimators that `--monotone` can constrain."""


def estimators_of(task: Task) -> list[EstimatorName]:
    """Return the estimators of scikit-learn that support a task, the default first."""
    linear = EstimatorName.RIDGE if task == "regression" else EstimatorName.LOGISTIC_REGRESSION
    return [linear, EstimatorName.HIST_GRADIENT_BOOSTING]


def choose_estimators(wanted: EstimatorName | None, task: Task) -> list[EstimatorName]:
    """Return the wanted estimator, or all of scikit-learn that support a task if None, the default first.

    Raises:
        BadTable: the wanted estimator does not support the task.
    """
    possible = [*estimators_of(task), *BOOSTERS]
    if wanted and wanted not in possible:
        raise BadTable(f"--estimator {wanted} does not support a {task} task: use {' or '.join(possible)}")
    return [wanted] if wanted else estimators_of(task)


def make_estimator(name: EstimatorName, seed: int, task: Task = "binary") -> "BaseEstimator":
    """Create an unfitted estimator; scikit-learn is imported only here because that takes a second.

    Raises:
        BadTable: its library is not installed.
    """
    if name in BOOSTERS:
        from model_training.fitting.boosters import make_booster

        try:
            return make_booster(name, seed, classes=task != "regression")
        except ImportError:
            raise BadTable(
                f"--estimator {name} needs a library that is not installed: install it with `make .venv/boosters`"
            ) from None
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    if name == EstimatorName.LOGISTIC_REGRESSION:
        return LogisticRegression(max_iter=1000, random_state=seed)
    if name == EstimatorName.RIDGE:
        return Ridge(random_state=seed)
    boosting = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return boosting(random_state=seed)
