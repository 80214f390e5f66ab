"""Targets of make in the wrong order, or without what they need: a sentence at once."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.function_process import ROOT

VARIABLES = ("URL", "MODEL_URI", "PROJECT", "GOOGLE_CLOUD_PROJECT")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("deploy", "There is no plan to apply. Make one first: make plan PROJECT=my-project"),
        ("previous", "There is no plan, which says what is deployed. Make one first: make plan PROJECT=my-project"),
        ("plan", "PROJECT is not set. Set the project ID: make plan PROJECT=my-project"),
        ("where", "PROJECT is not set."),
        ("smoke", "URL and MODEL_URI must be set. make where PROJECT=my-project prints both"),
        ("smoke URL=https://HOST", "URL and MODEL_URI must be set."),
        ("smoke URL=HOST MODEL_URI=gs://b/o", "Invalid value for 'URL': must be the function's address"),
    ],
)
def test_a_target_says_what_it_lacks(tmp_path: Path, line: str, sentence: str) -> None:
    """And fails, without a traceback."""
    for name in ("Makefile", "uv.lock", "pyproject.toml", "requirements-uv.txt"):
        shutil.copy(ROOT / name, tmp_path)
        os.utime(tmp_path / name, (0, 0))  # else make would install
    for name in ("terraform", "function", "model_training", ".venv", ".uv"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        ["make", *line.split()],
        cwd=tmp_path,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert sentence in " ".join(done.stdout.split()), done.stdout
    assert "Traceback" not in done.stdout
