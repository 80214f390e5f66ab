"""The process that tries a model: it has the serving code, little memory, and nothing of the training.

Run by path, in Python's isolated mode, as `python -I trial_process.py FOLDER NAME MAX_MODEL_BYTES MEMORY SECONDS`.
FOLDER holds `function` alone; the model comes on standard input, the last line of the output is the verdict as JSON.
"""

import json
import re
import resource
import sys
from importlib.abc import MetaPathFinder
from typing import Any

NOT_DEPLOYED = frozenset({"model_training", "tests"})
"""Packages that may be installed here, and that a function does not have."""
OUT_OF_MEMORY = re.compile(r"bad_?\s?alloc|allocate|out of memory", re.IGNORECASE)


def main(folder: str, name: str, max_model_bytes: str, memory: str, seconds: str) -> None:
    """Try the model that comes on standard input."""
    bound(resource.RLIMIT_AS, int(memory))
    bound(resource.RLIMIT_CPU, int(seconds), grace=1)  # Should nobody be left who stops it.
    sys.path.insert(0, folder)
    sys.meta_path.insert(0, NotDeployed())
    verdict = check(sys.stdin.buffer.read(), name, int(max_model_bytes))
    sys.stdout.write(f"\n{json.dumps(verdict)}\n")


class NotDeployed(MetaPathFinder):
    """Finds that the packages of training are not there."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise ModuleNotFoundError for them; leave all others to Python."""
        if fullname in NOT_DEPLOYED:
            raise ModuleNotFoundError(f"No module named {fullname!r}")


def bound(what: int, most: int, grace: int = 0) -> None:
    """Take a limit for this process, past which the system ends it after `grace`; a stricter one stays."""
    hard = resource.getrlimit(what)[1]
    most, hard = (number if hard == resource.RLIM_INFINITY else min(number, hard) for number in (most, most + grace))
    try:
        resource.setrlimit(what, (most, hard))
    except ValueError:
        if sys.platform != "darwin":  # Which knows no bound of memory.
            raise


def check(data: bytes, name: str, max_model_bytes: int) -> dict[str, Any]:
    """Load the model as the function does, golden rows included."""
    from function.errors import Refused
    from function.model.loaded import load

    try:
        model = load(data, None, max_model_bytes, name)
    except Exception as error:
        if ran_out_of_memory(error):
            return {"out_of_memory": True}
        known = isinstance(error, Refused)
        return {"refused": str(error) if known else f"reading it failed unexpectedly: {type(error).__name__}"}
    return {"warnings": list(model.warnings)}


def ran_out_of_memory(error: BaseException | None) -> bool:
    """Tell from an exception and what caused it; ONNX Runtime has no class for it."""
    while error is not None:
        if isinstance(error, MemoryError) or (OUT_OF_MEMORY.search(str(error)) and "onnxruntime" in repr(type(error))):
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
