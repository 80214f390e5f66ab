"""The estimators to choose from."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


class EstimatorName(StrEnum):
    """What may stand behind `--estimator`."""

    LOGISTIC_REGRESSION = "logistic-regression"
    HIST_GRADIENT_BOOSTING = "hist-gradient-boosting"


def make_estimator(name: EstimatorName, seed: int) -> "BaseEstimator":
    """Make an unfitted classifier; scikit-learn takes a second to import, so only here."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    if name == EstimatorName.LOGISTIC_REGRESSION:
        return LogisticRegression(max_iter=1000, random_state=seed)
    return HistGradientBoostingClassifier(random_state=seed)
