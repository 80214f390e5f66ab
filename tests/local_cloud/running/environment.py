"""Virtual environments made from a function's requirements.txt, kept by its hash."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from tests.local_cloud.running.problem import BuildProblem
from tests.support.sharing import locked

CACHE = Path(__file__).parents[3] / "build" / "environments"
UV = Path(sys.executable).parent / "uv"
INSTALL_SECONDS = 600
TAIL = 2000
EXPORTED = datetime(1980, 1, 1, 0, 0, 1, tzinfo=timezone.utc).timestamp()


def environment_for(requirements: Path, cache: Path = CACHE, python: str = sys.executable) -> Path:
    """Return an environment with these requirements and nothing else, made if it is not there yet.

    The Python is the one that runs the local cloud, whatever a function's `runtime` says, unless uv is to find another.
    """
    wanted = f"{sys.version}{python}".encode() + requirements.read_bytes()
    home = cache / hashlib.sha256(wanted).hexdigest()[:16]
    with locked(cache / f"{home.name}.lock"):
        if not home.exists():
            _make(home, requirements, python)
    return home


def compile_all(home: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Byte-compile a source as the buildpack does: a syntax error in any file fails the build."""
    run([home / "bin" / "python", "-m", "compileall", "-f", "-q", "."], folder, environment)


def export(folder: Path) -> None:
    """Give all files the date that they have in an image, of which Python's bytecode may know another.

    https://buildpacks.io/docs/for-app-developers/concepts/reproducibility/
    """
    for path in folder.rglob("*"):
        os.utime(path, (EXPORTED, EXPORTED))


def run(command: list[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a step of a build; a BuildProblem with the end of its output when it fails."""
    label = " ".join(Path(word).name for word in command[:4])
    try:
        variables = {**os.environ, **(environment or {})}
        done = subprocess.run(
            command, cwd=folder, env=variables, timeout=INSTALL_SECONDS, check=False, capture_output=True
        )
    except subprocess.TimeoutExpired as error:
        raise BuildProblem(f"{label} took more than {INSTALL_SECONDS} s") from error
    if done.returncode:
        output = (done.stdout + done.stderr).decode(errors="replace")
        raise BuildProblem(f"{label} failed:\n{output[-TAIL:]}")


def _make(home: Path, requirements: Path, version: str) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    # Relocatable, so that it can be made elsewhere: under its own name it is whole or not there.
    new = Path(tempfile.mkdtemp(prefix="new-", dir=home.parent))
    python = new / "bin" / "python"
    try:
        run([UV, "venv", "--quiet", "--clear", "--relocatable", "--python", version, new], new.parent)
        run([UV, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", requirements], new.parent)
        run([UV, "pip", "check", "--quiet", "--python", python], new.parent)
        new.rename(home)
    finally:
        shutil.rmtree(new, ignore_errors=True)
