"""Parameters of fitted transformers as Python's own numbers."""

from typing import Any

import numpy as np

from function.model.plan.steps import structs
from function.model.plan.steps.structs import Step
from model_training.bundling.exact.refused import Refused

Steps = list[Step]


def floats(values: Any) -> tuple[float, ...]:
    """Return an array as Python's own numbers.

    Raises:
        Refused: one of them is not finite.
    """
    array = np.ravel(np.asarray(values, dtype=np.float64))
    if not np.isfinite(array).all():
        raise Refused("a transformer with a parameter that is not finite")
    return tuple(array.tolist())


def arithmetic(operator: structs.Operator, values: Any) -> Steps:
    """Return the step that combines each column with its own number."""
    return [structs.Arithmetic(operator, floats(values))]
