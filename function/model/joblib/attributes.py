"""Set the attributes of a Python object."""

import re
from typing import Any

import numpy as np

from function.model.joblib.constructors.containers import is_attribute
from function.model.joblib.constructors.soundness import check_predictor, check_sparse
from function.model.joblib.constructors.tokens import require

_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,30}", re.ASCII)


def set_attributes(target: Any, state: Any) -> str | None:
    """Set the attributes in `state`; return the version of scikit-learn in an estimator's state."""
    if type(target).__name__ == "BSpline" and type(state) is tuple:
        _set_spline(target, *state)
        return None
    named = type(state) is dict and all(map(is_attribute, state))
    require(named, "gives an object something other than attributes")
    _set(target, dict(state))
    if type(target).__module__.startswith("scipy.sparse."):
        check_sparse(target)
    if type(target).__name__ == "TreePredictor":
        check_predictor(target)
    return _checked(state.get("_sklearn_version"))


def _set(target: Any, state: dict[str, Any]) -> None:
    """Call the `__setstate__` of the class, if any; an instance's own one would come from the file."""
    import sklearn
    from sklearn.base import BaseEstimator

    if isinstance(target, BaseEstimator):
        # scikit-learn would only warn of another version; the caller handles it.
        state["_sklearn_version"] = sklearn.__version__
    own = getattr(type(target), "__setstate__", None)
    if own is None:
        vars(target).update(state)
    else:
        own(target, state)


def _set_spline(target: Any, spline: Any, empty: Any) -> None:
    """Set the state of a spline: since scipy 1.18, a spline of numpy arrays, and an empty array that names numpy."""
    plain = type(spline).__name__ == "_BSpline" and type(spline.t) is type(empty) is np.ndarray
    require(plain, "gives a spline something other than a spline")
    target.__setstate__((spline, empty))


def _checked(version: Any) -> str | None:
    require(
        version is None or (type(version) is str and _VERSION.fullmatch(version)),
        "has an invalid version of scikit-learn",
    )
    return version  # type: ignore[no-any-return]
