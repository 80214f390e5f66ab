"""The operations of a pickle: those kept from Python, and safe replacements for those that could be abused.

Each operation gets the unpickler, whose `stack` is pickle's own. Source: the comments of Python's pickletools.
"""

import pickle
from collections.abc import Callable
from typing import Any

from joblib.numpy_pickle import NumpyUnpickler

from function.model.joblib.attributes import set_attributes
from function.model.joblib.constructors import containers
from function.model.joblib.constructors.table import approximate_size
from function.model.joblib.constructors.tokens import Constructor, Pending, require

Operation = Callable[[Any], None]

_BYTES = 128
_OBJECT_BYTES = 512
"""Approximate bytes of one operation, and of an object with its dict."""
_MEMO_PLACES = 2**32

_KEPT = (
    *("PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "MEMOIZE", "BINPUT", "LONG_BINPUT", "GLOBAL"),
    *("STACK_GLOBAL", "NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"),
    *("FLOAT", "BINFLOAT", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINBYTES", "BINBYTES"),
    *("BINBYTES8", "EMPTY_LIST", "LIST", "EMPTY_DICT", "EMPTY_SET", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2"),
    "TUPLE3",
)
"""The operations that Python 3's picklers write, besides those that are replaced below.

For a joblib file they never write persistent ids, extension codes, out-of-band buffers, or the instances and strings
of Python 2.
"""


def _reduce(unpickler: Any) -> None:
    arguments = unpickler.stack.pop()
    constructor = unpickler.stack[-1]
    require(type(constructor) is Constructor and type(arguments) is tuple, "calls what may not be called while loading")
    made = constructor.measure(arguments) if constructor.measure else 0
    unpickler.progress.spend(constructor.cost + approximate_size(arguments) + made)
    unpickler.stack[-1] = constructor.make(*arguments)


def _new_object(unpickler: Any) -> None:
    arguments = unpickler.stack.pop()
    kind = unpickler.stack[-1]
    if type(kind) is Constructor:
        unpickler.stack.append(arguments)
        _reduce(unpickler)
        return
    require(type(arguments) is tuple and not arguments, "makes an object with arguments")
    unpickler.progress.spend(_OBJECT_BYTES)
    unpickler.stack[-1] = unpickler.new(kind)


def _build(unpickler: Any) -> None:
    state = unpickler.stack.pop()
    target = unpickler.stack[-1]
    unpickler.progress.spend(approximate_size(state))
    if isinstance(target, Pending):
        unpickler.stack[-1] = target.build(state)
        return
    # A class is an instance of `type`, which is not on the list.
    require(type(target) in unpickler.classes, "gives attributes to what may have none")
    unpickler.progress.current = f"{type(target).__module__}.{type(target).__qualname__}"
    unpickler.progress.objects.append(target)
    version = set_attributes(target, state)
    unpickler.progress.sklearn_version = version or unpickler.progress.sklearn_version


def _append(unpickler: Any) -> None:
    item = unpickler.stack.pop()
    containers.extend(unpickler.stack[-1], [item])


def _set_item(unpickler: Any) -> None:
    value, key = unpickler.stack.pop(), unpickler.stack.pop()
    containers.update(unpickler.stack[-1], [key, value])


def _dict(unpickler: Any) -> None:
    items = unpickler.pop_mark()
    unpickler.stack.append({})
    containers.update(unpickler.stack[-1], items)


def _fill_with(fill: Callable[[Any, list[Any]], None]) -> Operation:
    def filled(unpickler: Any) -> None:
        items = unpickler.pop_mark()
        fill(unpickler.stack[-1], items)

    return filled


def _frozen_set(unpickler: Any) -> None:
    items = unpickler.pop_mark()
    unpickler.stack.append(frozenset(containers.checked(items)))


def _byte_array(unpickler: Any) -> None:
    """Read the bytes that the file has, without allocating the length that it declares."""
    length = int.from_bytes(unpickler.read(8), "little")
    unpickler.stack.append(bytearray(unpickler.read(length)))


def _put(unpickler: Any) -> None:
    """Remember the last object under a number; large numbers are refused, because their hashes could collide."""
    place = int(unpickler.readline()[:-1])
    require(0 <= place < _MEMO_PLACES, "stores an object under an invalid number")
    unpickler.memo[place] = unpickler.stack[-1]


def _get(operation: Operation) -> Operation:
    def get(unpickler: Any) -> None:
        operation(unpickler)
        found = unpickler.stack[-1]
        unpickler.stack[-1] = found.built() if isinstance(found, Pending) else found

    return get


def _counted(operation: Operation) -> Operation:
    def counted(unpickler: Any) -> None:
        unpickler.progress.spend(_BYTES)
        operation(unpickler)

    return counted


def _refused(_: Any) -> None:
    require(condition=False, reason="holds an operation that no model needs")


def _operations() -> dict[int, Operation]:
    original = NumpyUnpickler.dispatch
    table: dict[int, Operation] = dict.fromkeys(original, _refused)
    table |= {_code(name): original[_code(name)] for name in _KEPT}
    table |= {_code(name): _get(original[_code(name)]) for name in ("GET", "BINGET", "LONG_BINGET")}
    table |= {_code(name): operation for name, operation in _REPLACED.items()}
    return {code: _counted(operation) for code, operation in table.items()}


def _code(name: str) -> int:
    return int(getattr(pickle, name)[0])


_REPLACED: dict[str, Operation] = {
    "REDUCE": _reduce,
    "NEWOBJ": _new_object,
    "BUILD": _build,
    "APPEND": _append,
    "APPENDS": _fill_with(containers.extend),
    "SETITEM": _set_item,
    "SETITEMS": _fill_with(containers.update),
    "DICT": _dict,
    "ADDITEMS": _fill_with(containers.add),
    "FROZENSET": _frozen_set,
    "BYTEARRAY8": _byte_array,
    "PUT": _put,
}
OPERATIONS = _operations()
"""The function of each operation code, as in `pickle._Unpickler.dispatch`."""
