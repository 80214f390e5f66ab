"""A copy of the repository, as git would clone it, with the Python environment of the tests."""

import os
import shutil
import sys
from pathlib import Path

from tests.support.function_process import ROOT

LEFT_OUT = (
    *(".git", ".venv", ".venv-*", ".uv", "build", "node_modules", "__pycache__", ".*_cache"),
    *(".terraform*", "*.tfstate*", "*.tfvars", "taxiway.toml"),
)


def checkout(folder: Path) -> Path:
    """Copy what git would have, without what this repository predicts, into a folder that does not exist yet."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    assert (Path(sys.prefix) / "installed").exists(), "the environment is not of `make .venv`"
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".uv").symlink_to(ROOT / ".uv")
    if (ROOT / ".venv-audit" / "installed").exists():
        (folder / ".venv-audit").symlink_to(ROOT / ".venv-audit")
    for name in ("uv.lock", "pyproject.toml"):  # else make would install into it
        os.utime(folder / name, (0, 0))
    return folder
