"""Read a joblib file that may only use names and operations on a list.

A pickle is a program. Only the operations that Python 3's own picklers write are supported. Every name must be on the
list. Functions are replaced by constructors that check their arguments. Attributes are set on instances of allowed
classes, never on a class. This is not a sandbox: SECURITY.md describes what it does not prevent.
"""

import io
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from function.errors import Refused
from function.model.joblib.choices import check_choices
from function.model.joblib.constructors.tokens import Constructor, Pending, Token, require
from function.model.joblib.inflate import inflate
from function.model.joblib.unpickler import GuardedUnpickler, Progress

_LEAST_MEMORY = 2**27
"""The memory that the objects of even the smallest file may use, in bytes."""


@dataclass(frozen=True)
class Unpickled:
    """The object in a file, and the version of scikit-learn that wrote it, if an estimator contains it."""

    object: Any
    sklearn_version: str | None


def unpickle(data: bytes, max_bytes: int) -> Unpickled:
    """Read a joblib file, compressed or not, or a plain pickle, that inflates to `max_bytes` at most.

    The arrays in the file need as much memory again. Other objects may use about twice `max_bytes`, at least 128 MiB.

    Raises:
        Refused: the file does something that is not allowed, or is damaged; the message describes what.
    """
    check_joblib(version("joblib"))
    progress = Progress(max(2 * max_bytes, _LEAST_MEMORY))
    content = inflate(data, max_bytes)
    try:
        made = GuardedUnpickler(content, progress).load()
        check_choices(progress.objects)
    except Refused as error:
        error.sklearn_version = progress.sklearn_version or version_in(content)
        raise
    except Exception as error:
        # Whatever a library raises for a damaged file, the process keeps serving the model it has.
        refused = Refused(_reason(error, progress.current))
        refused.sklearn_version = progress.sklearn_version or version_in(content)
        raise refused from error
    require(
        made is not None and not isinstance(made, Constructor | Token | Pending), "holds a name rather than a model"
    )
    return Unpickled(made, progress.sklearn_version)


def check_joblib(installed: str) -> None:
    """Refuse versions of joblib that read arrays in another way than GuardedUnpickler expects."""
    if tuple(int(part) for part in installed.split(".")[:2]) < (1, 6):
        raise Refused(f"a joblib file is read by joblib 1.6 or later; {installed} is installed")


def version_in(content: io.BytesIO) -> str | None:
    """Search a file for the version of scikit-learn that its estimators contain."""
    # In protocols 4 and 5, key and value are short strings, with an optional MEMOIZE between them.
    with content.getbuffer() as everything:
        found = re.search(rb"_sklearn_version\x94?\x8c.(\d+\.\d+[\w.]*)", everything, re.DOTALL)
        return found[1].decode() if found else None


def _reason(error: Exception, current: str) -> str:
    if isinstance(error, EOFError):
        return "the model file is cut short"
    if not current:
        return f"the file is not one of joblib's: {type(error).__name__}"
    return f"the model file is damaged or of other versions: {type(error).__name__} after {current}"
