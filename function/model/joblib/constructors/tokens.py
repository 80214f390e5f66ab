"""Placeholders on a pickle's stack for names, functions and objects without their state."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from function.errors import Refused


@dataclass(frozen=True)
class Token:
    """A name that is allowed only as an argument of a constructor."""

    module: str
    name: str


@dataclass(frozen=True)
class Constructor:
    """A function that a pickle may call while it is loaded; nothing else can call it."""

    make: Callable[..., Any]
    cost: int = 512
    """Approximate bytes of one call, in addition to its arguments."""
    measure: Callable[[Any], int] | None = None
    """Returns the approximate bytes made of the arguments, where their own size does not limit it."""


class Pending:
    """An object whose state has not been read yet; with its state it is checked and built, once.

    An object that could change later could not be checked.
    """

    def __init__(self, build: Callable[[Any], Any]) -> None:
        """`build` builds the object from its state."""
        self._build = build
        self._built: list[Any] = []

    def build(self, state: Any) -> Any:
        """Build the object from its state, and return it."""
        require(not self._built, "gives an object its state twice")
        self._built.append(self._build(state))
        return self.built()

    def built(self) -> Any:
        """Return the object, or this placeholder if it is not built yet."""
        return self._built[0] if self._built else self


def require(condition: object, reason: str) -> None:
    """Refuse the model file with a reason unless a condition is true."""
    if not condition:
        raise Refused(f"the model file {reason}")


def class_of(token: Any, allowed: set[Token]) -> Any:
    """Return the class of a token."""
    require(isinstance(token, Token) and token in allowed, "makes an object of a class that is not on the list")
    return getattr(importlib.import_module(token.module), token.name)


def set_state(target: Any, state: Any) -> Any:
    """Set an object's state by its own `__setstate__`, and return the object."""
    target.__setstate__(state)
    return target
