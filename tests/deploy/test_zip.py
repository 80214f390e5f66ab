"""The zip that is deployed: what is in it, and that nothing but its content changes it."""

import ast
import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from terraform.zip import ROOT, zipped

CONTENT = {
    "main.py": "import function\n",
    "requirements.txt": "flask\n",
    "function/__init__.py": "",
    "function/b.py": "B = 1\n",
    "function/a/page.html": "<p>\u00e9</p>\n",
}
NOISE = {
    "README.md": "not deployed\n",
    "gha-creds-0123456789abcdef.json": "{}",
    "function/__pycache__/b.cpython-311.pyc": "stale",
    "function/a/__pycache__/x.pyc": "stale",
    "function/.DS_Store": "noise",
    "function/.cache/b.py": "noise",
    "tests/test_b.py": "not deployed\n",
    "model_training/__init__.py": "",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project, with what must stay out of the zip lying about."""
    return laid_out(tmp_path / "project", CONTENT | NOISE)


def laid_out(root: Path, files: dict[str, str]) -> Path:
    """Write the files in the order given."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def opened(data: bytes) -> zipfile.ZipFile:
    """Read a zip."""
    return zipfile.ZipFile(io.BytesIO(data))


def test_it_holds_what_is_deployed_and_nothing_else(project: Path) -> None:
    """main.py, requirements.txt and function/, without caches and dotfiles."""
    archive = opened(zipped(project))
    assert {name: archive.read(name).decode() for name in archive.namelist()} == CONTENT


def test_every_member_looks_the_same(project: Path) -> None:
    """Sorted, of one date, mode and system, not compressed."""
    entries = opened(zipped(project)).infolist()
    assert [entry.filename for entry in entries] == sorted(CONTENT)
    seen = {(entry.date_time, entry.external_attr, entry.create_system, entry.compress_type) for entry in entries}
    assert seen == {((1980, 1, 1, 0, 0, 0), 0o100644 << 16, 3, zipfile.ZIP_STORED)}


def test_its_bytes_are_known(project: Path) -> None:
    """On every machine and every Python."""
    assert hashlib.sha256(zipped(project)).hexdigest() == KNOWN


KNOWN = "9df56fa818e55d02a6384b46ca1282ec056065aaa6def655e90b46725ef1f23f"


def _clock(root: Path) -> None:
    for path in root.rglob("*"):
        os.utime(path, (1_000_000_000, 2_000_000_000))


def _modes(root: Path) -> None:
    for path in root.rglob("*.py"):
        path.chmod(0o700)


def _more_noise(root: Path) -> None:
    laid_out(root, {"function/a/.hidden": "", "function/__pycache__/c.pyc": "", "build/function.zip": "old"})


@pytest.mark.parametrize("change", [_clock, _modes, _more_noise])
def test_what_is_not_content_changes_nothing(project: Path, change: Callable[[Path], None]) -> None:
    """Neither the clock nor modes nor what stays out."""
    before = zipped(project)
    change(project)
    assert zipped(project) == before


def test_neither_place_nor_order_changes_anything(project: Path, tmp_path: Path) -> None:
    """The same files, written elsewhere in the opposite order."""
    elsewhere = laid_out(tmp_path / "else" / "where", dict(reversed(CONTENT.items())))
    assert zipped(elsewhere) == zipped(project)


@pytest.mark.parametrize("name", ["main.py", "requirements.txt", "function/a/page.html", "function/new.py"])
def test_content_changes_it(project: Path, name: str) -> None:
    """Any byte of any member, and a new member."""
    before = zipped(project)
    laid_out(project, {name: "changed\n"})
    assert zipped(project) != before


def test_a_missing_file_is_an_error(project: Path) -> None:
    """Rather than a zip that can't be built."""
    (project / "requirements.txt").unlink()
    with pytest.raises(FileNotFoundError):
        zipped(project)


def test_an_empty_function_is_still_a_zip(project: Path) -> None:
    """The two files alone."""
    shutil.rmtree(project / "function")
    assert opened(zipped(project)).namelist() == ["main.py", "requirements.txt"]


def test_the_command_writes_ours(tmp_path: Path) -> None:
    """Whatever the umask; a second time it leaves the file alone."""
    target = tmp_path / "build" / "function.zip"
    for umask in (0o077, 0o002):
        _command(target, umask)
        target.with_name("hash").write_text(hashlib.sha256(target.read_bytes()).hexdigest())
        written = target.stat().st_mtime_ns
    _command(target, 0o022)
    assert target.stat().st_mtime_ns == written
    assert sorted(path.name for path in target.parent.iterdir()) == ["function.zip", "hash"]
    assert target.read_bytes() == zipped(ROOT)


def _command(target: Path, umask: int) -> None:
    subprocess.run([sys.executable, "-m", "terraform.zip", target], cwd=ROOT, check=True, umask=umask, timeout=60)


def test_ours_compiles() -> None:
    """As the platform compiles whatever is shipped, and fails the build where it can't."""
    archive = opened(zipped(ROOT))
    for name in archive.namelist():
        if name.endswith(".py"):
            ast.parse(archive.read(name), name)
    assert {"main.py", "requirements.txt", "function/__init__.py", "function/http/app.py"} <= set(archive.namelist())
