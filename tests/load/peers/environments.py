"""Each server's virtual environment, as its lock has it."""

import os
from importlib.metadata import distributions
from pathlib import Path

from tests.load.peers.servers.server import Server
from tests.load.programs import Unusable
from tests.local_cloud.running.environment import UV, environment_for, run
from tests.local_cloud.running.problem import BuildProblem


def home_of(server: Server, folder: Path) -> Path:
    """Return the environment, made in the folder if it is not there yet.

    Raises:
        Unusable: uv finds no suitable Python, or can't install the packages.
    """
    # Of its own files: uv would link those of its cache, and so other processes would share a server's memory.
    os.environ["UV_LINK_MODE"] = "copy"
    try:
        return environment_for(_requirements(server, folder), folder / "servers", server.python)
    except BuildProblem as error:
        raise Unusable(
            f"{server.title} needs a Python {server.python} that uv finds, and its packages: {error}"
        ) from error


def versions_of(server: Server, home: Path) -> dict[str, str]:
    """Return the versions of Python and of the server's main packages."""
    (packages,) = home.glob("lib/python*/site-packages")
    installed = {each.name.lower(): each.version for each in distributions(path=[str(packages)])}
    python = packages.parent.name.removeprefix("python")
    return {"python": python, **{name: installed[name] for name in server.packages}}


def _requirements(server: Server, folder: Path) -> Path:
    """Return a requirements.txt; of a lock file, what it locks."""
    if server.requirements.name != "uv.lock":
        return server.requirements
    project, exported = server.requirements.parent, folder / f"{server.requirements.parent.name}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    run([UV, "export", "--quiet", "--locked", "--no-header", "--project", project, "-o", exported], project)
    return exported
