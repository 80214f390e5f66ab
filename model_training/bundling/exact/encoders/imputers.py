"""The steps of imputers and missing indicators."""

from typing import Any

import numpy as np

from function.model.plan.steps import structs
from model_training.bundling.exact.encoders.parameters import Steps, floats
from model_training.bundling.exact.refused import Refused


def imputer(t: Any, _: Any) -> Steps:
    """Return the steps of a SimpleImputer: columns without statistics are dropped, indicators come last."""
    marker, statistics = _marker(t.missing_values), np.asarray(t.statistics_, dtype=np.float64)
    steps: Steps = [structs.Impute(floats(_filled(t, np.nan_to_num(statistics))), marker)]
    if np.isnan(statistics).any() and not t.keep_empty_features:
        steps.append(structs.Select(tuple(np.flatnonzero(~np.isnan(statistics)).tolist())))
    if t.indicator_ is None:
        return steps
    every = tuple(range(len(statistics)))
    marks = structs.Indicate(tuple(t.indicator_.features_.tolist()), marker, others=True)
    return [structs.Union((structs.Branch(every, tuple(steps)), structs.Branch(every, (marks,))))]


def indicator(t: Any, _: Any) -> Steps:
    """Return the step of a MissingIndicator."""
    others = t.features == "all" or not t.error_on_new
    return [structs.Indicate(tuple(t.features_.tolist()), _marker(t.missing_values), others=others)]


def _filled(t: Any, statistics: Any) -> Any:
    """Convert statistics to the type that the imputer fills in: a mean of whole numbers is cut."""
    dtype = getattr(t, "_fill_dtype", None)
    whole = dtype is not None and np.dtype(dtype).kind in "iuf"
    return statistics.astype(dtype).astype(np.float64) if whole else statistics


def _marker(value: Any) -> float | None:
    if not isinstance(value, int | float):
        raise Refused("a missing value that is neither NaN nor a number")
    return None if np.isnan(value) else float(value)
