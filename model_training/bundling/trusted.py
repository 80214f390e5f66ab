"""Load a joblib file without the allow-list: it may run any code, so use it for your own files only."""

import warnings
from typing import Any, Self

from joblib.numpy_pickle import NumpyUnpickler

from function.errors import Refused
from function.model import custom
from function.model.joblib.inflate import inflate
from function.model.joblib.unpickle import version_in
from function.model.joblib.versions import describe, differ

LIBRARIES = frozenset(
    {"builtins", "collections", "copyreg", "functools", "joblib", "numpy", "pandas", "scipy", "sklearn", "_codecs"}
)
"""Packages whose names are their own: one that is missing is of another version."""


class Absent:
    """Stands for a class or function of a module that is not here, such as `__main__` of a notebook."""

    def __new__(cls, *_: object, **__: object) -> Self:
        """Take any arguments."""
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Take any state."""

    def append(self, item: object) -> None:
        """Take any item, as a list does."""

    def extend(self, items: object) -> None:
        """Take any items, as a list does."""

    def __setitem__(self, key: object, value: object) -> None:
        """Take any item, as a dict does."""


class _TrustingUnpickler(NumpyUnpickler):  # type: ignore[misc] # joblib ships no types
    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for: your own from `function/model/custom.py`, if it is defined there."""
        if module.partition(".")[0] in LIBRARIES:
            return super().find_class(module, name)
        if getattr(vars(custom).get(name), "__module__", "") == custom.__name__:
            return vars(custom)[name]
        if module != "__main__":
            try:
                return super().find_class(module, name)
            except (ImportError, AttributeError):
                pass  # What predictions do not need is left out.
        return type(name, (Absent,), {"__module__": module, "__qualname__": name})


def load_trusted(data: bytes, max_bytes: int) -> tuple[Any, tuple[str, ...]]:
    """Unpickle a model; return it with warnings.

    Raises:
        Refused: it cannot be loaded here; the message includes the versions of scikit-learn if they differ.
    """
    import sklearn

    content, here = inflate(data, max_bytes), sklearn.__version__
    made = version_in(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = _TrustingUnpickler("", content, ensure_native_byte_order=True).load()
    except Exception as error:
        # Pickles run any code, which raises anything; that is why the option has to be given.
        reason = f"{type(error).__name__}: {error}{describe(made, here)}"
        raise Refused(f"the model can't be unpickled: {reason}") from error
    warned = (f"made by scikit-learn {made}, read by {here}: predictions may differ",) if differ(made, here) else ()
    return model, warned
