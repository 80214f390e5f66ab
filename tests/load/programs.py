"""The load generators, which are programs of the system."""

import shutil
import subprocess


class Unusable(Exception):
    """Nothing can be measured; `str(error)` says why, and what to do."""


def run(program: str, *words: object, seconds: float) -> str:
    """Run a program that takes about so long, and return what it printed.

    Raises:
        Unusable: it is not installed, or it failed.
    """
    if not shutil.which(program):
        raise Unusable(f"{program} is needed: apt-get install {program}")
    command = [program, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    if done.returncode:
        raise Unusable(f"{program} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout
