"""Reading a joblib file, which may name and do only what is on a list.

A pickle is a program. Of its operations those are kept that Python 3's own picklers write. A name must be one of the
list's; what is called is a function of ours that checks what it is given; attributes go to admitted instances, never
to a class. It is a wall and not a sandbox: SECURITY.md says what it does not keep out.
"""

import io
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from function.errors import Refused
from function.model.joblib.choices import check_choices
from function.model.joblib.constructors.tokens import Maker, Token, Unbuilt, require
from function.model.joblib.inflate import inflate
from function.model.joblib.unpickler import GuardedUnpickler, Progress

_LEAST_MEMORY = 2**27
"""What the objects of a file of any size may take, in bytes."""


@dataclass(frozen=True)
class Unpickled:
    """What a file holds, and the version of scikit-learn that wrote it, if it holds an estimator that says so."""

    object: Any
    sklearn_version: str | None


def unpickle(data: bytes, max_bytes: int) -> Unpickled:
    """Read a joblib file, compressed or not, or a plain pickle, that inflates to `max_bytes` at most.

    The arrays in the file take as much again; whatever else is made of it, about twice that or 128 MiB.

    Raises:
        Refused: saying what the file does that it may not, or what can't be made of it.
    """
    check_joblib(version("joblib"))
    progress = Progress(max(2 * max_bytes, _LEAST_MEMORY))
    content = inflate(data, max_bytes)
    try:
        made = GuardedUnpickler(content, progress).load()
        check_choices(progress.objects)
    except Refused as error:
        error.sklearn_version = progress.sklearn_version or _version_in(content)
        raise
    except Exception as error:
        # Whatever a library raises at a damaged file: the process goes on with the model it has.
        refused = Refused(_reason(error, progress.making))
        refused.sklearn_version = progress.sklearn_version or _version_in(content)
        raise refused from error
    require(not isinstance(made, Maker | Token | Unbuilt), "holds a name, and no model")
    return Unpickled(made, progress.sklearn_version)


def check_joblib(installed: str) -> None:
    """Refuse a joblib that reads arrays in another way than the one this was written beside."""
    if tuple(int(part) for part in installed.split(".")[:2]) < (1, 6):
        raise Refused(f"a joblib file is read by joblib 1.6 or later; {installed} is installed")


def _version_in(content: io.BytesIO) -> str | None:
    """Look for the version that estimators write down, in a file that could not be read to where it stands."""
    # A key and its value as short strings of protocols 4 and 5, with a memo's mark between them.
    with content.getbuffer() as everything:
        found = re.search(rb"_sklearn_version\x94?\x8c.(\d+\.\d+[\w.]*)", everything, re.DOTALL)
        return found[1].decode() if found else None


def _reason(error: Exception, making: str) -> str:
    if isinstance(error, EOFError):
        return "the model file is cut short"
    if not making:
        return f"the file is not one of joblib's: {type(error).__name__}"
    return f"the model file is damaged or of other versions: {type(error).__name__} after {making}"
