"""Fill lists, dicts and sets. Subclasses are refused, because their own `append` could come from the file."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from function.model.joblib.constructors.tokens import require

_KEYS = (str, bytes, int, float, bool, type(None), np.str_, np.bytes_, np.bool_, np.integer, np.floating)


def extend(target: Any, items: Iterable[Any]) -> None:
    """Append items to a list."""
    require(type(target) is list, "appends to something other than a list")
    target.extend(items)


def update(target: Any, items: Sequence[Any]) -> None:
    """Set items of a dict, given as alternating keys and values."""
    require(isinstance(target, dict), "sets an item of something other than a dict")
    keys = checked(items[::2])
    # A Bunch's keys are its attributes, too.
    require(
        type(target) is dict or all(is_attribute(key) for key in keys), "sets an attribute whose name is not allowed"
    )
    for key, value in zip(keys, items[1::2], strict=True):
        target[key] = value


def add(target: Any, items: Sequence[Any]) -> None:
    """Add items to a set."""
    require(type(target) is set, "adds an item to something other than a set")
    target.update(checked(items))


def is_attribute(name: Any) -> bool:
    """Return whether a name may be the name of an attribute.

    With an attribute such as `__array_interface__`, numpy would read memory at an address from the file.
    """
    return type(name) is str and not name.startswith("__")


def checked(keys: Sequence[Any]) -> Sequence[Any]:
    """Return keys, after refusing those that cannot be hashed safely.

    Hashing deeply nested tuples would overflow the stack and end the process. Large integers can be chosen so that
    their hashes collide, and a dict would then take hours.
    """
    for key in keys:
        require(isinstance(key, _KEYS), "has a key that is neither a number nor a text")
        require(not isinstance(key, int) or abs(key) < sys.hash_info.modulus, "has a number too large for a key")
    return keys
