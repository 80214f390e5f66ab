"""What stands on a pickle's stack for things that are not, or not yet, the real ones."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from function.errors import Refused


@dataclass(frozen=True)
class Token:
    """Stands for a name that is only good for being handed to a maker."""

    module: str
    name: str


@dataclass(frozen=True)
class Maker:
    """Stands for a function that a pickle may call while it is loaded; nobody else can call it."""

    make: Callable[..., Any]
    cost: int = 512
    """About how many bytes one call takes, besides what its arguments hold."""


class Unbuilt:
    """Stands where an object will be once its state is there; it is then made at once, checked, and only once.

    Objects that are changed after others have seen them could not be checked.
    """

    def __init__(self, build: Callable[[Any], Any]) -> None:
        """`build` makes the object of its state."""
        self._build = build
        self._built: list[Any] = []

    def build(self, state: Any) -> Any:
        """Return the object."""
        require(not self._built, "gives an object its state twice")
        self._built.append(self._build(state))
        return self.built()

    def built(self) -> Any:
        """Return the object made before, or this very one while there is none."""
        return self._built[0] if self._built else self


def require(condition: object, reason: str) -> None:
    """Refuse the model file, for it does what `reason` says, unless `condition` holds."""
    if not condition:
        raise Refused(f"the model file {reason}")


def class_of(token: Any, admitted: set[Token]) -> Any:
    """Return the class that a token stands for."""
    require(isinstance(token, Token) and token in admitted, "makes an object of a class that is not on the list")
    return getattr(importlib.import_module(token.module), token.name)


def set_state(target: Any, state: Any) -> Any:
    """Return an object after giving it its state in its own way."""
    target.__setstate__(state)
    return target
