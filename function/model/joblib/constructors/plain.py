"""Build Python's own objects, and two of scikit-learn's that are built by a call."""

from collections import OrderedDict
from functools import partial
from types import FunctionType
from typing import Any

from function.model.joblib.constructors.containers import checked
from function.model.joblib.constructors.tokens import Pending, Token, require

_CHECK_ARRAY = Token("sklearn.utils.validation", "check_array")
_CHECKS = {"dtype", "ensure_all_finite"}
_PLAIN = (str, bool, int, float, type(None))
TOKENS = {_CHECK_ARRAY}
"""The names that a pickle passes to the constructors below."""


def make_set(items: Any = None) -> set[Any]:
    """Replace `set`, for a list of numbers and texts."""
    require(items is None or type(items) is list, "makes a set of something other than a list")
    return set(checked(items or []))


def make_frozenset(items: Any = None) -> frozenset[Any]:
    """Replace `frozenset`, for a list of numbers and texts."""
    return frozenset(make_set(items))


def make_slice(*bounds: Any) -> slice:
    """Replace `slice`, for numbers or names."""
    require(
        all(bound is None or isinstance(bound, int | str) for bound in bounds),
        "has a slice whose bounds are neither numbers nor texts",
    )
    return slice(*bounds)


def make_bytearray(content: Any = b"", encoding: object = "latin-1") -> bytearray:
    """Replace `bytearray`, which protocols below 5 call with bytes, or with a text and `latin-1`."""
    if type(content) is str and encoding == "latin-1":
        return bytearray(content, "latin-1")
    require(type(content) is bytes, "makes bytes of something else")
    return bytearray(content)


def make_empty_bytes() -> bytes:
    """Replace `bytes`, which protocols below 3 call for empty bytes."""
    return b""


def encode(text: Any, encoding: object) -> bytes:
    """Replace `_codecs.encode`, which protocols below 3 use for bytes."""
    require(type(text) is str and encoding == "latin1", "encodes something other than bytes")
    return bytes(text, "latin-1")


def make_ordered_dict() -> "OrderedDict[Any, Any]":
    """Replace `collections.OrderedDict`; its items follow in the pickle."""
    return OrderedDict()


def make_imputer_triplet(feature: Any, neighbours: Any, estimator: Any) -> Any:
    """Replace the named tuple of `IterativeImputer`."""
    from sklearn.impute._iterative import _ImputerTriplet

    return _ImputerTriplet(feature, neighbours, estimator)


def begin_partial(function: object) -> Pending:
    """Begin a `functools.partial` of a listed function, or of `check_array` (histogram gradient boosting)."""
    listed = function == _CHECK_ARRAY or isinstance(function, FunctionType)
    require(listed, "has a functools.partial of a function that is not on the list")
    return Pending(partial(_partial, function))


def _partial(begun: Any, state: Any) -> Any:
    """State: (function, positional arguments, named ones, attributes)."""
    function, positional, named, attributes = state
    plain = function == begun and positional == () and not attributes and type(named) is dict
    require(plain, "has a functools.partial with unsupported arguments")
    if isinstance(function, FunctionType):
        require(
            all(isinstance(each, _PLAIN) for each in named.values()), "has a functools.partial with large arguments"
        )
        return partial(function, **named)
    require(named.keys() <= _CHECKS, "has a functools.partial with unsupported arguments")
    from sklearn.utils.validation import check_array

    return partial(check_array, **named)
