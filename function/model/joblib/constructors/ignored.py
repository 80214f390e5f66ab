"""Objects that models hold and predictions never need: each becomes None, whatever its arguments and state are.

Nothing of their modules is imported.
"""

import re

from function.model.joblib.constructors.tokens import Constructor, Pending, require

_NAMES = frozenset(
    {("joblib.memory", "Memory"), ("joblib._store_backends", "FileSystemStoreBackend"), ("numpy", "vectorize")}
)
"""A pipeline's cache of fitted steps, and what distributions hold."""
_FROZEN = frozenset({"rv_continuous_frozen", "rv_discrete_frozen"})
_DISTRIBUTION = re.compile(r"scipy\.stats\._(continuous|discrete)_distns\.[a-z0-9_]+_gen", re.ASCII)
"""The distributions of a randomized search. Their own state is source code."""


def is_ignored(module: str, name: str) -> bool:
    """Return whether objects of this class are left out."""
    if (module, name) in _NAMES or (module == "scipy.stats._distn_infrastructure" and name in _FROZEN):
        return True
    return _DISTRIBUTION.fullmatch(f"{module}.{name}") is not None


def make_nothing(*_: object) -> None:
    """Replace a call whose result is not needed."""


class Ignored(Pending):
    """An object that becomes None with its state."""

    def __init__(self, *_: object) -> None:
        """The arguments of the class are not needed."""
        super().__init__(make_nothing)


def get_method(owner: object, _: object) -> None:
    """Replace `getattr` for the methods that an ignored object holds."""
    require(type(owner) is Ignored, "calls what may not be called while loading")


IGNORED = Constructor(Ignored)
"""Stands for the class; its instance becomes None with its state."""
