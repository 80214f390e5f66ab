"""What a model says of n rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Outputs:
    """Labels (classes, or values of a regression) of shape [n]; probabilities of shape [n, classes]."""

    labels: npt.NDArray[Any]
    probabilities: npt.NDArray[np.floating[Any]] | None = None
