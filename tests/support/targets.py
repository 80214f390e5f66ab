"""The ways in which a function is run: either target, and what is deployed."""

from collections.abc import Mapping
from pathlib import Path

from terraform.zip import zipped
from tests.local_cloud.running.environment import environment_for
from tests.local_cloud.running.source import unpack
from tests.support.function_process import ROOT, FunctionProcess

TARGETS = ("predict", "predict_flask", "deployed")
MAX_ROWS = 2000
"""The setting of the functions that share one."""


def function_of(target: str, environment: Mapping[str, str], folder: Path) -> FunctionProcess:
    """Make a function of a target; `deployed` is unpacked into an empty folder."""
    if target == "deployed":
        return deployed(environment, folder)
    return FunctionProcess(environment, target=target)


def deployed(environment: Mapping[str, str], folder: Path) -> FunctionProcess:
    """Unpack the zip; run it in an environment that has what its requirements.txt names and nothing else."""
    unpack(zipped(ROOT), folder)
    home = environment_for(folder / "requirements.txt")
    return FunctionProcess(environment, source=folder, programs=home / "bin")
