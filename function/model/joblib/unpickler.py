"""joblib's unpickler, with its operations replaced and its names looked up in tables."""

import io
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler

from function.model.joblib import allowed
from function.model.joblib.constructors.arrays import items
from function.model.joblib.constructors.ignored import IGNORED, is_ignored
from function.model.joblib.constructors.pandas_arrays import begin_object
from function.model.joblib.constructors.pandas_series import begin_series
from function.model.joblib.constructors.table import ARRAY_WRAPPER, CONSTRUCTORS, TOKENS
from function.model.joblib.constructors.tokens import Constructor, Pending, Token, require
from function.model.joblib.operations import OPERATIONS, Operation

_REMEDY = (
    "`taxiway pack --trust` loads a file of your own, and leaves out what predictions do not "
    "need; your own transformers and functions belong into function/model/custom.py"
)
_OLD_NAMES = {"__builtin__": "builtins", "copy_reg": "copyreg"}
"""Modules that protocols below 3 write under their names of Python 2."""


@dataclass
class Progress:
    """The state that an unpickler shares with the unpicklers of the object arrays inside the file."""

    bytes_left: int
    """Approximate memory that objects other than the arrays in the file may still use."""
    current: str = ""
    """The name that was read last, or the class of the object that was built last."""
    sklearn_version: str | None = None
    objects: list[Any] = field(default_factory=list)
    """The objects whose attributes were set."""

    def spend(self, count: int) -> None:
        """Subtract the bytes of new objects from those left."""
        self.bytes_left -= count
        require(self.bytes_left >= 0, "takes far more memory than its size allows")


class GuardedUnpickler(NumpyUnpickler):  # type: ignore[misc] # joblib ships no types
    """Reads one pickle from `content`; raises Refused, or whatever a library raises for a damaged file."""

    dispatch: ClassVar[dict[int, Operation]] = OPERATIONS

    def __init__(self, content: io.BytesIO, progress: Progress) -> None:
        super().__init__("", content, ensure_native_byte_order=True)
        self.content = content
        self.progress = progress
        self.classes: set[type] = set()

    def load(self) -> Any:
        """Read the pickle, once.

        Afterwards nothing of the file is kept: an unpickler is part of reference cycles, which would keep the content
        and its objects until the next full garbage collection.
        """
        try:
            return super().load()
        finally:
            self.__dict__.clear()

    def find_class(self, module: str, name: str) -> Any:
        """Return the class, value, constructor or token of an allowed name; refuse any other name."""
        module = _OLD_NAMES.get(module, module)
        self.progress.current = shown = ascii(f"{module}.{name}")[1:-1][:200]
        if (module, name) == ("copyreg", "_reconstructor"):
            return Constructor(self._reconstruct)
        if (token := Token(module, name)) in TOKENS:
            return token
        if is_ignored(module, name):
            return IGNORED
        found = CONSTRUCTORS.get((module, name)) or self._find(module, name)
        listed = allowed.may_hold_estimators(module) and name.isidentifier()
        missing = (
            "is not an estimator of the installed scikit-learn"
            if listed
            else f"is not on the list of what a model may hold. {_REMEDY}"
        )
        require(found is not None, f"names {shown}, which {missing}")
        return found

    def _find(self, module: str, name: str) -> Any:
        if name in allowed.VALUES.get(module, ()):
            return self._installed(module, name)
        if (function := allowed.own_function(module, name)) is not None:
            return function
        listed = name in allowed.CLASSES.get(module, ())
        found = self._installed(module, name) if listed else allowed.estimator_class(module, name)
        if found is not None:
            self.classes.add(found)
        return found

    def _installed(self, module: str, name: str) -> Any:
        found = allowed.resolve(module, name)
        require(found is not None, f"names {module}.{name}, which the installed version does not have")
        return found

    def new(self, kind: Any) -> Any:
        """Return an instance without attributes, without calling its class."""
        if kind == ARRAY_WRAPPER:
            return Pending(self._read_array)
        if (begun := begin_object(kind) or begin_series(kind)) is not None:
            return begun
        require(isinstance(kind, type) and kind in self.classes, "makes an object of a class that is not on the list")
        return dict.__new__(kind) if issubclass(kind, dict) else object.__new__(kind)

    def _reconstruct(self, kind: Any, base: Any, state: Any) -> Any:
        """Replace `copyreg._reconstructor`, which protocols 0 and 1 use."""
        require(base is object and state is None, "builds an object from another object")
        return self.new(kind)

    def _read_array(self, state: Any) -> npt.NDArray[Any]:
        """Read the array that follows its wrapper, if its size does not exceed the rest of the file."""
        shape, dtype = state["shape"], state["dtype"]
        count, order = items(shape), state["order"]
        require(isinstance(dtype, np.dtype) and order in ("C", "F"), "has an array without a data type")
        if dtype.hasobject:
            return self._read_objects(shape)
        left = len(self.content.getbuffer()) - self.content.tell()
        require(dtype.itemsize > 0 and count * dtype.itemsize <= left, "has an array that is larger than the file")
        padding = state.get("numpy_array_alignment_bytes")
        wrapper = NumpyArrayWrapper(np.ndarray, shape, order, dtype, numpy_array_alignment_bytes=padding)
        array: npt.NDArray[Any] = wrapper.read(self, self.ensure_native_byte_order)
        return array

    def _read_objects(self, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Read the pickle of an object array by the same rules; joblib would use an unguarded unpickler."""
        array = GuardedUnpickler(self.content, self.progress).load()
        require(
            isinstance(array, np.ndarray) and array.shape == shape, "has an array whose shape does not match its state"
        )
        return array  # type: ignore[no-any-return]
