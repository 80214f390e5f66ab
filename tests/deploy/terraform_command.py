"""Terraform as a person runs it, with whichever provider its own configuration finds."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

SOURCE = Path(__file__).parents[2] / "terraform"
NO_PROVIDER = re.compile(r"Failed to query available provider packages|Failed to install provider|Could not retrieve")
LEFTOVERS = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "__pycache__")


class Unavailable(Exception):
    """Terraform, or what it needs, is not to be had here; `str(error)` says what."""


def unavailable(reason: str) -> NoReturn:
    """Skip a test, or fail it where nothing may be missing."""
    if os.environ.get("GITHUB_ACTIONS"):
        pytest.fail(reason)
    pytest.skip(reason)


def copy_of_both(folder: Path) -> Path:
    """Copy both modules into a folder, without what a person's own runs left behind."""
    shutil.copytree(SOURCE, folder / "terraform", ignore=LEFTOVERS)
    return folder / "terraform"


def terraform(
    module: Path, *words: str, variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run Terraform, which never asks anything, with more environment variables; Unavailable without it.

    What it says of trouble is in `stdout` too, but for `output`, which a program reads.
    """
    if not shutil.which("terraform"):
        raise Unavailable("terraform is not installed")
    quiet = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "TF_CLI_ARGS": "-no-color"}
    return subprocess.run(
        ["terraform", *words],
        cwd=module,
        env={**os.environ, **quiet, **(variables or {})},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if words[0] != "output" else subprocess.PIPE,
        text=True,
        timeout=600,
    )


def initialize(module: Path, *words: str, variables: Mapping[str, str] | None = None) -> None:
    """Have the providers of a module; Unavailable where they can't be had."""
    seen = terraform(module, "init", *words, variables=variables)
    if NO_PROVIDER.search(seen.stdout):
        raise Unavailable(f"terraform init can't have the provider: {' '.join(seen.stdout.split())}")
    assert seen.returncode == 0, seen.stdout


@cache
def initialized(folder: Path) -> Path:
    """Have the providers of a module, or skip the test."""
    try:
        initialize(folder, "-backend=false")
    except Unavailable as error:
        unavailable(str(error))
    return folder


def planned(module: Path, directory: str) -> dict[str, list[dict[str, Any]]]:
    """Run the module's tests in a directory; return the changes of each run that plans, as `show -json` has them."""
    seen = terraform(module, "test", f"-test-directory={directory}", "-json", "-verbose")
    assert seen.returncode == 0, seen.stdout
    records = [json.loads(line) for line in seen.stdout.splitlines() if line.startswith("{")]
    return {each["@testrun"]: each["test_plan"]["resource_changes"] for each in records if each["type"] == "test_plan"}
