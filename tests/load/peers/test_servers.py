"""The table of servers, and what each of them needs."""

import re
from pathlib import Path

import pytest

from tests.load.peers.report.ratios import GROUPS
from tests.load.peers.servers.server import PEERS, Question
from tests.load.peers.servers.table import SERVERS
from tests.support.function_process import ROOT


@pytest.mark.parametrize("name", SERVERS)
def test_every_environment_is_locked_with_hashes(name: str) -> None:
    """And holds the same extras of uvicorn."""
    locked = SERVERS[name].requirements.read_text()
    assert len(re.findall(r"hash ?= ?\"?sha256:", locked)) > 20
    assert re.search(r'^(uvloop==|name = "uvloop"$)', locked, re.MULTILINE)
    assert re.search(r'^(httptools==|name = "httptools"$)', locked, re.MULTILINE)


def test_every_environment_is_used_and_updated() -> None:
    """Dependabot knows the folders of all."""
    folders = {path.parent for path in (PEERS / "environments").glob("*/uv.lock")}
    assert folders == {server.requirements.parent for server in SERVERS.values()} - {ROOT}
    listed = (ROOT / ".github" / "dependabot.yml").read_text()
    assert [folder for folder in folders if f"- /{folder.relative_to(ROOT)}\n" not in listed] == []


@pytest.mark.parametrize("name", SERVERS)
def test_what_a_server_starts_is_there(name: str) -> None:
    """Its scripts and modules, and the script that converts its models."""
    server = SERVERS[name]
    modules = [word.partition(":")[0] for word in server.command if word.startswith("tests.")]
    scripts = [word for word in server.command if word.endswith(".py")]
    paths = [Path(each) for each in scripts] + [ROOT / f"{each.replace('.', '/')}.py" for each in modules]
    paths += [PEERS / "serving" / server.convert] if server.convert else []
    assert [path for path in paths if not path.is_file()] == []


def test_a_label_is_found_where_a_server_puts_it() -> None:
    """And nothing is taken for one where there is none."""
    question = Question("/", {}, ("outputs", 0, "data", 0))
    assert question.label_of(b'{"outputs":[{"data":[1]}]}') == 1
    with pytest.raises(LookupError):
        question.label_of(b'{"outputs":[]}')


def test_a_server_of_one_model_is_started_for_each_kind() -> None:
    """Only MLflow's is."""
    assert [name for name, server in SERVERS.items() if server.one_kind] == ["mlflow"]


def test_everybody_else_is_a_rival() -> None:
    """Those written by hand too, which are no peers; neither ours nor hello world."""
    assert {*GROUPS["best_rival"], "taxiway", "hello"} == set(SERVERS)
    assert set(GROUPS["best_rival"]) - set(GROUPS["best_peer"]) == {"fastapi-onnx", "litestar-onnx", "granian-onnx"}
