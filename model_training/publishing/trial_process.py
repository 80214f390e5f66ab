"""Load and test one model in a process that has only the serving code, with limits of memory and time.

Run by path, in Python's isolated mode, as `python -I trial_process.py FOLDER NAME MAX_MODEL_BYTES MEMORY SECONDS`.
FOLDER contains only `function`. The model is read from standard input; the last line of the output is the result as
JSON.
"""

import json
import re
import resource
import sys
from importlib.abc import MetaPathFinder
from typing import Any

NOT_DEPLOYED = frozenset({"model_training", "tests"})
"""Packages that may be installed here but are not deployed."""
OUT_OF_MEMORY = re.compile(r"bad_?\s?alloc|allocate|out of memory", re.IGNORECASE)


def main(folder: str, name: str, max_model_bytes: str, memory: str, seconds: str) -> None:
    """Test the model on standard input, and write the result to standard output."""
    limit(resource.RLIMIT_AS, int(memory))
    limit(resource.RLIMIT_CPU, int(seconds), grace=1)  # Stops this process even if its parent is gone.
    sys.path.insert(0, folder)
    sys.meta_path.insert(0, NotDeployed())
    result = check(sys.stdin.buffer.read(), name, int(max_model_bytes))
    sys.stdout.write(f"\n{json.dumps(result)}\n")


class NotDeployed(MetaPathFinder):
    """An import hook that hides packages that are not deployed."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise ModuleNotFoundError for a package that is not deployed; ignore all others."""
        if fullname in NOT_DEPLOYED:
            raise ModuleNotFoundError(f"No module named {fullname!r}")


def limit(kind: int, soft: int, grace: int = 0) -> None:
    """Set a soft limit and a hard limit (`soft + grace`) of this process; a stricter hard limit stays."""
    hard = resource.getrlimit(kind)[1]
    soft, hard = (number if hard == resource.RLIM_INFINITY else min(number, hard) for number in (soft, soft + grace))
    try:
        resource.setrlimit(kind, (soft, hard))
    except ValueError:
        if sys.platform != "darwin":  # macOS does not support limits of memory.
            raise


def check(data: bytes, name: str, max_model_bytes: int) -> dict[str, Any]:
    """Load a model as the function does, which also predicts its golden rows; return the result."""
    from function.errors import Refused
    from function.model.loaded import load

    try:
        model = load(data, None, max_model_bytes, name)
    except Exception as error:
        if ran_out_of_memory(error):
            return {"out_of_memory": True}
        known = isinstance(error, Refused)
        return {"refused": str(error) if known else f"reading it failed with an unexpected {type(error).__name__}"}
    return {"warnings": list(model.warnings)}


def ran_out_of_memory(error: BaseException | None) -> bool:
    """Return whether an exception or its causes mean that memory ran out; ONNX Runtime has no class for that."""
    while error is not None:
        if isinstance(error, MemoryError) or (OUT_OF_MEMORY.search(str(error)) and "onnxruntime" in repr(type(error))):
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
