"""Read the trees of any fitted estimator that is known."""

from typing import Any

from model_training.bundling.exact.trees import scikit_learn
from model_training.bundling.exact.trees.native_file import library_of, native_file_of
from model_training.bundling.exact.trees.structure import Ensemble


def is_ensemble(estimator: Any) -> bool:
    """Tell whether an estimator is of a class that `read_ensemble` knows."""
    return scikit_learn.is_ensemble(estimator) or library_of(estimator) is not None


def read_ensemble(estimator: Any) -> Ensemble:
    """Read a fitted estimator.

    Raises:
        Refused: it is no tree, or has something that is not known to be exact.
    """
    if library_of(estimator) is None:
        return scikit_learn.read_ensemble(estimator)
    return native_file_of(estimator).read()
