"""The documents say what there is: every command, setting, route, make word and library."""

import json
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

import function
from function.http.routes import TABLE
from function.http.settings import Settings
from model_training.__main__ import app

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.encode_name)
def test_every_setting_is_documented_with_its_default(field: msgspec.structs.FieldInfo) -> None:
    """In the table of settings."""
    default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    assert re.search(rf"^\| `{field.encode_name}` \| `?{re.escape(default)}`? \|", README, re.MULTILINE)


@pytest.mark.parametrize(("path", "method"), [(path, method) for path, row in TABLE.items() for method in row])
def test_every_route_is_documented(path: str, method: str) -> None:
    """In the table of paths."""
    assert f"`{method} {path}`" in README


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_is_shown(command: str) -> None:
    """As a line to type."""
    assert f"taxiway {command}" in README


@pytest.mark.parametrize("word", re.findall(r"make ([a-z][a-z-]*)", README))
def test_every_make_word_of_the_readme_exists(word: str) -> None:
    """And says in the list of words what it does."""
    assert re.search(rf"^{word}:.*## ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("file", ["pyproject.toml", "tests/clients/pyproject.toml"])
def test_every_library_has_its_reason(file: str) -> None:
    """In one line of the architecture."""
    content = tomllib.loads((ROOT / file).read_text())
    groups = [content["project"]["dependencies"], *content.get("dependency-groups", {}).values()]
    names = {re.split(r"[^\w.-]", each)[0] for group in groups for each in group}
    assert len(names) >= 4
    reasons = ARCHITECTURE.partition("## Why each library")[2]
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", reasons)] == []


@pytest.mark.parametrize("file", [".github/package.json", "tests/browser/package.json"])
def test_every_library_of_npm_has_its_reason(file: str) -> None:
    """In one line of the architecture."""
    reasons = ARCHITECTURE.partition("## Why each library")[2]
    names = json.loads((ROOT / file).read_text())["devDependencies"]
    assert [name for name in names if not re.search(rf"\b{name}\b", reasons)] == []


def test_the_versions_agree() -> None:
    """What the function says of itself is what the project says."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == function.__version__


def test_the_python_versions_agree() -> None:
    """README and project speak of the same ones."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.15"
    assert "Python 3.11 to 3.14" in README
