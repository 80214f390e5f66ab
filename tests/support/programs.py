"""The programs that some groups of tests need besides Python, and how to install them.

python3 -m tests.support.programs [GROUP ...]
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

LOCK_SECONDS = 300


@dataclass(frozen=True)
class Group:
    """What one group of tests needs; any one of the alternatives will do for each program."""

    tests: str
    programs: tuple[tuple[str, ...], ...]
    packages: tuple[str, ...]

    def missing(self) -> list[str]:
        """Return the programs that are not on the PATH."""
        return [names[0] for names in self.programs if not any(map(shutil.which, names))]


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
GROUPS = {
    "browser": Group(
        "browser tests", (CHROMIUM, ("chromedriver",)), ("chromium", "chromium-driver", "fonts-dejavu-core")
    ),
    "load": Group("load tests", (("wrk",), ("hey",)), ("wrk", "hey")),
    "node": Group("accessibility tests", (("node",), ("npm",)), ("nodejs", "npm")),
}


def need(name: str) -> None:
    """Skip a test whose group lacks a program, or fail it where `CI` is set."""
    # Not there yet when this module installs.
    import pytest

    if reason := sentence([GROUPS[name]]):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def sentence(groups: Iterable[Group]) -> str:
    """Return one sentence that names what these groups lack, or nothing if they lack nothing."""
    lacking = [group for group in groups if group.missing()]
    if not lacking:
        return ""
    tests = ", ".join(f"the {group.tests} need {' and '.join(group.missing())}" for group in lacking)
    packages = " ".join(package for group in lacking for package in group.packages)
    return f"{tests[0].upper()}{tests[1:]}, which are not installed: apt-get install {packages}"


def install(groups: Iterable[Group]) -> None:
    """Install the Debian packages of the groups that lack a program, as root or by sudo without a password."""
    packages = [package for group in groups if group.missing() for package in group.packages]
    as_root = _as_root()
    if not packages or as_root is None or not shutil.which("apt-get"):
        return
    _report(f"Installing {' '.join(packages)} ...")
    apt = [
        *as_root,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        f"DPkg::Lock::Timeout={LOCK_SECONDS}",
    ]
    # Lists that cannot be updated may still name the packages.
    subprocess.run([*apt, "update"], capture_output=True, check=False)
    done = subprocess.run(
        [*apt, "install", "--yes", "--no-install-recommends", *packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        _report(done.stderr)


def _as_root() -> list[str] | None:
    """Return the words that make a command root's, or None if there are none."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    return sudo if allowed else None


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(names: list[str]) -> int:
    """Install the programs of these groups, or of all; report what is missing still.

    Without it, a group that was named is an error, and so is any group where `CI` is set; else its tests are skipped.
    """
    groups = [GROUPS[name] for name in names or GROUPS]
    install(groups)
    lacking = sentence(groups)
    required = bool(names or os.environ.get("CI"))
    if lacking:
        _report(lacking if required else f"Skipped: {lacking}")
    return int(bool(lacking) and required)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
