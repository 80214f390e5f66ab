"""Load a native file in a process of its own: a damaged one can crash the library that loads it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from model_training.bundling.exact.boosters.libraries import imported
from model_training.bundling.exact.refused import Refused

SECONDS = 120
MEMORY = 4 * 2**30
"""Bytes of address space; the libraries take one GiB, and the largest model that is compiled another."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Libraries reserve memory for each thread."""
PROCESS = Path(__file__).with_name("trial_process.py")
NAMES = {"xgboost": "XGBoost", "lightgbm": "LightGBM", "catboost": "CatBoost"}
SHOWN = 2000

Trial = Callable[[str, bytes, str], None]
"""Try a library, given a file and its format; what fails is `Refused`."""


def try_to_load(library: str, data: bytes, format: str = "") -> None:  # noqa: A002 (CatBoost's name)
    """Let the library load a file, predict and write the model, in another process with limits.

    Args:
        library: xgboost, lightgbm or catboost.
        data: the file.
        format: of a file of CatBoost, json or cbm.

    Raises:
        Refused: the library fails, crashes, does not end or takes too much memory; or it is not installed.
    """
    imported(library)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        path = Path(folder) / "model"
        path.write_bytes(data)
        try:
            done = subprocess.run(
                [sys.executable, "-P", PROCESS, library, format, path, str(MEMORY)],
                stdout=subprocess.DEVNULL,
                stderr=output,
                env={**os.environ, **ONE_THREAD},
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise too_slow(library) from None
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - SHOWN))
        check_ending(library, done.returncode, output.read().decode(errors="replace"))


def too_slow(library: str) -> Refused:
    """Return the refusal of a file that takes too long."""
    return Refused(f"{NAMES[library]} does not load the file within {SECONDS} s")


def check_ending(library: str, code: int, message: str) -> None:
    """Check how a process ended.

    Raises:
        Refused: the library failed or crashed.
    """
    if code < 0:
        raise Refused(f"a damaged file of {NAMES[library]}: it crashes the library (signal {-code})")
    if code:
        last = (message.strip().splitlines() or ["no message"])[-1]
        raise Refused(f"{NAMES[library]} cannot load the file: {last[:200]}")
