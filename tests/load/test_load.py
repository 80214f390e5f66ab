"""`make load` against real processes: the function, and servers that answer wrongly, fail or are not there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.data.dataset import Dataset
from tests.load.load import ANSWER, main
from tests.load.programs import Unusable, run
from tests.support.function_process import FunctionProcess
from tests.support.ports import free_port
from tests.support.programs import need
from tests.support.task_models import TASK_MODELS, rows

pytestmark = pytest.mark.alone
WARMED_UP_AND_UNDER_WAY = 3
"""Of a hundred times as many requests that wrk did not count: those before it, and those that its end cut off."""
UNRELIABLE = """
import itertools, os
import functions_framework.aio
from starlette.responses import Response
numbers = itertools.count()

@functions_framework.aio.http
async def answer(request):
    if request.method == "POST" and request.headers.get("authorization") == "Bearer a-token":
        odd = next(numbers) % 100 == 99
        body, status = os.environ["ODD"].split() if odd else ('{"prediction":0}', 200)
        return Response(body, int(status), media_type="application/json")
    return Response("", 401 if request.method == "POST" else 200)
"""


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    """Without these there is nothing to test with."""
    need("load")


@pytest.fixture
def unreliable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FunctionProcess]:
    """A function that answers callers with a token, and says something odd every hundredth time."""
    (tmp_path / "main.py").write_text(UNRELIABLE)
    with FunctionProcess({"ODD": request.param}, target="answer", source=tmp_path) as running:
        yield running


def load(out: Path, **options: object) -> Result:
    """Run the command for a second or two."""
    app = typer.Typer()
    app.command()(main)
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return CliRunner().invoke(app, ["--seconds", "1", "--out", str(out), *words])


def test_the_function_is_measured(bundle_path: Path, tmp_path: Path) -> None:
    """Every answer of the full load compared, a sample at the constant rate; what the processes used is known."""
    result = load(tmp_path, model=bundle_path)
    told = json.loads((tmp_path / "load.json").read_text())
    for phase in (told["full"], told["constant"]):
        assert phase["figures"]["checked"] > 10
        assert phase["figures"]["wrong"] == phase["figures"]["failed"] == 0
        assert 0 < phase["usage"]["cpus"] < 64
        assert phase["usage"]["memory"] > 20e6
    assert told["full"]["figures"]["checked"] == told["full"]["figures"]["requests"]
    assert result.exit_code == bool(told["broken"]), result.output
    page = (tmp_path / "load.md").read_text()
    assert "| requests in 45 s on 200 connections | 50,000 |" in page
    assert f"| requests | {told['full']['figures']['requests']:,} |" in page


@pytest.mark.parametrize(
    ("unreliable", "field"),
    [('{"prediction":1} 200', "wrong"), ('{"error":"no"} 503', "failed")],
    indirect=["unreliable"],
)
def test_one_odd_answer_in_a_hundred_breaks_the_objective(
    unreliable: FunctionProcess, field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, and figures that say why; the token of the environment went along."""
    monkeypatch.setenv("ID_TOKEN", "a-token")
    result = load(tmp_path, url=unreliable.url)
    told = json.loads((tmp_path / "load.json").read_text())
    assert result.exit_code == 1
    assert told["broken"][0].startswith("full load: ")
    figures = told["full"]["figures"]
    assert 0 < figures[field] == pytest.approx(figures["requests"] / 100, abs=WARMED_UP_AND_UNDER_WAY)
    assert told["full"]["usage"] is None


def test_another_model_is_asked_for_its_own_example(tmp_path: Path) -> None:
    """A fork's, by its address alone: the request is the one that the function describes."""
    sample = Dataset("two-texts", rows(), None, Origin("rows", "0" * 64, 1))
    packed = build_bundle(TASK_MODELS["two-texts"](), sample, None, seed=0)
    (tmp_path / "model.zip").write_bytes(packed.data)
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        load(tmp_path, url=function.url)
    told = json.loads((tmp_path / "load.json").read_text())
    assert told["full"]["figures"]["checked"] > 10
    for phase in (told["full"], told["constant"]):
        assert phase["figures"]["wrong"] == phase["figures"]["failed"] == 0


@pytest.mark.parametrize("unreliable", ['{"prediction":1} 200'], indirect=True)
def test_a_service_of_another_model_is_not_measured(unreliable: FunctionProcess, tmp_path: Path) -> None:
    """It is told what was answered instead, and that is all."""
    result = load(tmp_path, url=unreliable.url)
    assert result.exit_code == 1
    assert f"{unreliable.url}/predict/ answers 401 '', not {ANSWER.decode()}" in " ".join(result.output.split())
    assert not (tmp_path / "load.json").exists()


def test_an_address_where_nobody_answers_is_said(tmp_path: Path) -> None:
    """In a sentence, with exit code 1."""
    result = load(tmp_path, url=f"http://127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "does not answer: ConnectError" in result.output


def test_a_missing_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unusable, match="wrk is needed: apt-get install wrk"):
        run("wrk", seconds=1)
