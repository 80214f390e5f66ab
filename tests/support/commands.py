"""The training's commands, run as a person runs them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner, Result

from model_training.__main__ import app
from tests.support.function_process import ROOT


def run(*words: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(map(str, words)))


def start(*words: object, environment: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start a command as a process of its own; `environment` is added to the one the tests have."""
    return subprocess.Popen(
        [sys.executable, "-m", "model_training", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*words: object) -> "subprocess.CompletedProcess[str]":
    """Run a command as a process of its own, to its end."""
    process = start(*words)
    printed, complained = process.communicate(timeout=200)
    return subprocess.CompletedProcess(process.args, process.returncode, printed, complained)


def written(folder: Path, data: bytes, name: str = "model.zip") -> Path:
    """Write a file to give to a command."""
    path = folder / name
    path.write_bytes(data)
    return path
