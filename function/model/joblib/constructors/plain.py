"""Making objects of Python's own, and two of scikit-learn's that are made by a call."""

from collections import OrderedDict
from functools import partial
from typing import Any

from function.model.joblib.constructors.containers import checked
from function.model.joblib.constructors.tokens import Token, Unbuilt, require

_CHECK_ARRAY = Token("sklearn.utils.validation", "check_array")
_CHECKS = {"dtype", "ensure_all_finite"}
TOKENS = {_CHECK_ARRAY}
"""What a pickle names for the makers below."""


def make_set(items: Any = None) -> set[Any]:
    """Do as `set`, of a list of numbers and texts."""
    require(items is None or type(items) is list, "makes a set of something other than a list")
    return set(checked(items or []))


def make_frozenset(items: Any = None) -> frozenset[Any]:
    """Do as `frozenset`, of a list of numbers and texts."""
    return frozenset(make_set(items))


def make_slice(*bounds: Any) -> slice:
    """Do as `slice`, from number to number or from name to name."""
    require(all(bound is None or isinstance(bound, int | str) for bound in bounds), "has a slice of odd bounds")
    return slice(*bounds)


def make_no_bytes() -> bytes:
    """Do as `bytes`, which protocols below 3 call where there are none."""
    return b""


def encode(text: Any, encoding: object) -> bytes:
    """Do as `_codecs.encode`, which protocols below 3 use for bytes."""
    require(type(text) is str and encoding == "latin1", "encodes something other than bytes")
    return bytes(text, "latin-1")


def make_ordered_dict() -> "OrderedDict[Any, Any]":
    """Do as `collections.OrderedDict`, whose items follow."""
    return OrderedDict()


def make_imputer_triplet(feature: Any, neighbours: Any, estimator: Any) -> Any:
    """Do as `IterativeImputer`'s named tuple."""
    from sklearn.impute._iterative import _ImputerTriplet

    return _ImputerTriplet(feature, neighbours, estimator)


def begin_partial(function: object) -> Unbuilt:
    """Begin the one `functools.partial` that models hold: of `check_array`, in histogram gradient boosting."""
    require(function == _CHECK_ARRAY, "has a part of a function that is not on the list")
    return Unbuilt(_partial)


def _partial(state: Any) -> Any:
    """State: (function, positional arguments, named ones, attributes)."""
    function, positional, named, attributes = state
    plain = function == _CHECK_ARRAY and positional == () and not attributes
    require(plain and named.keys() <= _CHECKS, "has a part of a function with odd arguments")
    from sklearn.utils.validation import check_array

    return partial(check_array, **named)
