"""Constrain a model to rise or fall with a feature, whatever the other features are."""

from collections.abc import Mapping

from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.fitting.estimators import CONSTRAINED, EstimatorName


def check_directions(directions: Mapping[str, int], name: EstimatorName, data: Dataset) -> None:
    """Check that an estimator can be constrained in the features that are named.

    Raises:
        BadTable: the estimator or the task does not support constraints, or a feature is not a number.
    """
    if not directions:
        return
    if name not in CONSTRAINED:
        raise BadTable(f"--monotone is not supported by {name}: use --estimator {' or '.join(CONSTRAINED)}")
    if data.task == "multiclass":
        raise BadTable("--monotone needs two classes or a regression, but this is a multiclass task: omit it")
    numbers = [name for name in data.X.columns if name not in data.categories and name not in data.dates]
    if wrong := [name for name in directions if name not in numbers]:
        raise BadTable(f"--monotone: {wrong[0]!r} is not a number; the numbers are {', '.join(map(str, numbers))}")
