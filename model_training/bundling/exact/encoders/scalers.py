"""The steps of scalers and power transforms."""

from typing import Any

from scipy.sparse import issparse

from function.model.plan.steps import structs
from model_training.bundling.exact.encoders.parameters import Steps, arithmetic, floats


def standard(t: Any, x: Any = None) -> Steps:
    """Return the steps of a StandardScaler."""
    steps = arithmetic("subtract", t.mean_) if t.with_mean else []
    return steps + (_divide(t.scale_, x) if t.with_std else [])


def robust(t: Any, x: Any) -> Steps:
    """Return the steps of a RobustScaler."""
    steps = arithmetic("subtract", t.center_) if t.with_centering else []
    return steps + (_divide(t.scale_, x) if t.with_scaling else [])


def _divide(scale: Any, x: Any) -> Steps:
    """Return the step of a division, which for sparse matrices is a multiplication with the reciprocal."""
    return arithmetic("multiply", 1.0 / scale) if issparse(x) else arithmetic("divide", scale)


def min_max(t: Any, _: Any) -> Steps:
    """Return the steps of a MinMaxScaler."""
    clip: Steps = [structs.Clip(*floats(t.feature_range))] if t.clip else []
    return [*arithmetic("multiply", t.scale_), *arithmetic("add", t.min_), *clip]


def max_abs(t: Any, x: Any) -> Steps:
    """Return the steps of a MaxAbsScaler."""
    clip: Steps = [structs.Clip(-1.0, 1.0)] if getattr(t, "clip", False) else []
    return [*_divide(t.scale_, x), *clip]


def power(t: Any, _: Any) -> Steps:
    """Return the steps of a PowerTransformer."""
    steps: Steps = [structs.Power(t.method, floats(t.lambdas_))]
    return steps + (standard(t._scaler) if t.standardize else [])  # noqa: SLF001


def threshold(t: Any, _: Any) -> Steps:
    """Return the step of a Binarizer."""
    return [structs.Threshold(float(t.threshold))]


def normalize(t: Any, _: Any) -> Steps:
    """Return the step of a Normalizer."""
    return [structs.Normalize(t.norm)]
