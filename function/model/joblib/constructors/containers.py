"""Filling lists, dicts and sets, which must be just that: an object's own `append` would be the file's."""

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
    """Set items of a dict, which are keys and values by turns."""
    require(isinstance(target, dict), "sets an item of something other than a dict")
    keys = checked(items[::2])
    # A Bunch's keys are its attributes, too.
    require(type(target) is dict or all(is_attribute(key) for key in keys), "sets an item of an odd name")
    for key, value in zip(keys, items[1::2], strict=True):
        target[key] = value


def add(target: Any, items: Sequence[Any]) -> None:
    """Add items to a set."""
    require(type(target) is set, "adds an item to something other than a set")
    target.update(checked(items))


def is_attribute(name: Any) -> bool:
    """Tell whether a name may be an attribute's.

    One such as `__array_interface__` would tell numpy to read at an address of the file's choosing.
    """
    return type(name) is str and not name.startswith("__")


def checked(keys: Sequence[Any]) -> Sequence[Any]:
    """Refuse what can't be hashed safely: hashing tuples within tuples overflows the stack, and the process ends.

    Integers of so many bits can be made to collide, and a dict then takes hours.
    """
    for key in keys:
        require(isinstance(key, _KEYS), "has a key that is neither a number nor a text")
        require(not isinstance(key, int) or abs(key) < sys.hash_info.modulus, "has a number too large for a key")
    return keys
