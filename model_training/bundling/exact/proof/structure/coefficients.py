"""The structural proof of linear models: each coefficient and intercept, bit by bit."""

from typing import Any

import numpy as np

from function.model.plan.structs import Linear
from model_training.bundling.exact.proof.structure.nodes import Difference

NAMES = (("coef_", "intercept_"), ("feature_log_prob_", "class_log_prior_"))


def prove_coefficients(estimator: Any, linear: Linear) -> int:
    """Compare the numbers of an estimator with those of a plan; return how many were compared.

    Raises:
        Difference: one of them differs, or there are more or fewer.
    """
    estimator = getattr(estimator, "estimator_", estimator)
    weights, offsets = next(
        (getattr(estimator, first), getattr(estimator, second)) for first, second in NAMES if hasattr(estimator, first)
    )
    wanted = np.atleast_2d(weights.toarray() if hasattr(weights, "toarray") else weights)
    found = np.array(linear.coefficients, dtype=np.float64)
    if found.shape != wanted.shape or (found != wanted).any():
        raise Difference("another coefficient")
    if (np.array(linear.intercept) != np.broadcast_to(offsets, len(wanted))).any():
        raise Difference("another intercept")
    classes = None if not hasattr(estimator, "classes_") else estimator.classes_.tolist()
    if classes != (None if linear.classes is None else list(linear.classes)):
        raise Difference("other labels")
    return int(wanted.size + len(wanted))
