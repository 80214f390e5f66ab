"""What the documents show, typed as it stands there: requests, and the commands on the example table."""

import json
import re
import runpy
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from google.cloud import storage

from model_training.__main__ import app
from tests.local_cloud import LocalCloud
from tests.support.commands import run
from tests.support.documents import DOCUMENTS, Block, blocks
from tests.support.function_process import PROGRAMS, ROOT, FunctionProcess

CURL = ("curl localhost:8080", "curl 'localhost:8080")
COMMANDS = [(block, line) for path in DOCUMENTS for block in blocks(path, "sh") for line in block.commands()]
EXAMPLE = "@build/model.request.json"
"""The request that training writes; another test posts it."""
REQUESTS = [
    block
    for path in DOCUMENTS
    for block in blocks(path, "sh")
    if block.text.startswith(CURL) and EXAMPLE not in block.text
]
SESSIONS = ["README.md", "predict.md", "train.md", "bring-your-model.md", "publish.md", "export.md"]
"""Documents whose commands are typed one after the other. Those of the others are about what is deployed."""
TAXIWAY = ".venv/bin/taxiway "
RUN = (TAXIWAY, "head ", "export MODEL_URI=")
NOT_RUN = re.compile(r"taxiway tune|--scheduler|--preset full|--dataset scl|taxiway train --estimator")
"""Commands that take long, or need a cluster: other tests run them. Those after them in a block are not run either."""
NUMBERS_DIFFER_BY = 0.15
"""The model of the tests was trained on a part of the flights."""
FLOAT = re.compile(r"-?\d+\.\d{6,}")
LONG_FLOAT = re.compile(r"\d+\.\d{12,}")
GENERATION = re.compile(r"\b1[0-9]{15}\b")
SAME_LENGTH = [(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{12}\b", "v" * 12), (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "t" * 19)]
VARIABLE = [(r"(\d\.\d{12})\d+", r"\1"), (r"[\d,]+ bytes", "N bytes"), (r"\d+\.\d (kB|s)\b", r"N \1"), (r" +", " ")]
"""What differs from run to run or between machines: versions, times, sizes, widths, the last digits of a fit."""


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


def test_there_is_something_to_try() -> None:
    """Otherwise the next tests would test nothing."""
    assert len(REQUESTS) >= 12
    assert sum(bool(request.output) for request in REQUESTS) >= 10
    assert len(COMMANDS) >= 90


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_shown_request_gives_the_shown_response(function: FunctionProcess, request_: Block) -> None:
    """To the byte but for the numbers of another model, if a response is shown; and JSON in any case."""
    typed = request_.text.replace("localhost:8080", f"127.0.0.1:{function.port}").replace("curl ", "curl -sS ")
    printed = subprocess.run(["bash", "-c", typed], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert printed if "text/csv" in typed else json.loads(printed)
    if request_.output:
        shown, got = (
            re.sub(r'"model_version":"[0-9a-f]{12}"', '"model_version":""', each.strip())
            for each in (request_.output, printed)
        )
        assert FLOAT.sub("N", got) == FLOAT.sub("N", shown)
        assert list(map(float, FLOAT.findall(got))) == pytest.approx(
            list(map(float, FLOAT.findall(shown))), abs=NUMBERS_DIFFER_BY
        )


@pytest.mark.parametrize(
    "line", sorted({line for _, line in COMMANDS if line.startswith((TAXIWAY, "uv run taxiway "))})
)
def test_a_shown_command_has_the_options_that_are_shown(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the arguments that they need."""
    monkeypatch.setenv("MODEL_URI", "gs://models/flight-delay")
    group: Any = typer.main.get_command(app)
    words = shlex.split(line.partition("taxiway ")[2], comments=True)
    with group.make_context("taxiway", words) as program:
        name, command, arguments = group.resolve_command(program, [*program._protected_args, *program.args])  # noqa: SLF001
        with command.make_context(name, arguments, parent=program) as context:
            assert context.command.name == name


def test_the_command_is_installed() -> None:
    """As a program beside Python."""
    done = subprocess.run([PROGRAMS / "taxiway", "--help"], stdout=subprocess.PIPE, text=True, check=True)
    assert "taxiway [OPTIONS] COMMAND" in done.stdout


class Terminal:
    """A folder like a clone of the repository, in which commands are typed one after the other."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """`url` takes the place of https://HOST, the bucket `models` that of BUCKET."""
        self._url, self._monkeypatch = url, monkeypatch
        self._generations: dict[str, str] = {}
        (folder / "docs").symlink_to(ROOT / "docs")
        (folder / "build").mkdir()
        monkeypatch.chdir(folder)

    def type(self, block: Block) -> None:
        """Run a block, up to what is not run here; compare what it prints, if that is shown, and whether it fails."""
        printed = ""
        for line in [block.text] if block.language == "python" else block.commands():
            if block.language == "sh" and (NOT_RUN.search(line) or not line.startswith(RUN)):
                assert not block.output or line.startswith(CURL), f"not run, so its output can't be compared: {line}"
                return
            code, text = self._run(block.language, self._replaced(line))
            assert code == ("Error:" in block.output), f"{line}\n{text}"
            printed += text
        if block.output:
            self._compare(block, printed.replace(self._url, "https://HOST").replace("gs://models/", "gs://BUCKET/"))

    def _run(self, language: str, typed: str) -> tuple[int, str]:
        """Return the exit code and the output; commands of ours run in this process, which has the libraries loaded."""
        if language == "python":
            Path("typed.py").write_text(typed, "utf-8")
            runpy.run_path("typed.py")
        elif typed.startswith(TAXIWAY):
            result = run(*shlex.split(typed.removeprefix(TAXIWAY)))
            return result.exit_code, result.output
        elif assigned := re.fullmatch(r"export (\w+)=(\S+)", typed):
            self._monkeypatch.setenv(*assigned.groups())
        else:
            return 0, subprocess.run(shlex.split(typed), stdout=subprocess.PIPE, text=True, check=True).stdout
        return 0, ""

    def _replaced(self, line: str) -> str:
        line = line.replace("https://HOST", self._url).replace("gs://BUCKET/", "gs://models/")
        return GENERATION.sub(lambda shown: self._generations[shown[0]], line)

    def _compare(self, block: Block, printed: str) -> None:
        """Compare line by line; `...` is any text, and alone in a line any lines. Steps are not shown."""
        lines = "\n".join(line.rstrip() for line in printed.splitlines() if not line.startswith("✓")) + "\n"
        shown = re.escape(stable(block.output)).replace(re.escape("...") + "\\\n", "(?:.*\\n)*?")
        shown = shown.replace(re.escape("..."), "[^\\n]*?")
        generations = GENERATION.findall(shown)
        found = re.fullmatch(GENERATION.sub(r"(\\d{16})", shown), stable(lines))
        assert found, f"{block} shows\n\n{block.output}\nand prints\n\n{lines}"
        for known, real in zip(generations, found.groups(), strict=True):
            assert self._generations.setdefault(known, real) == real, block


def stable(text: str) -> str:
    """Replace what differs from run to run, and the last digits of numbers, which the kind of processor decides."""
    text = LONG_FLOAT.sub(lambda number: f"{float(number[0]):.9g}", text)
    for pattern, constant in (*SAME_LENGTH, *VARIABLE):
        text = re.sub(pattern, constant, text)
    return text


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if path.name in SESSIONS], ids=lambda path: path.name)
def test_the_commands_of_a_document_can_be_typed_one_after_the_other(
    document: Path,
    cloud: LocalCloud,
    bucket: storage.Bucket,
    bundle_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the example table and an empty bucket, with the output that is shown."""
    monkeypatch.delenv("TAXIWAY_CONFIG")
    bucket.blob("data/parcels.csv").upload_from_filename(ROOT / "docs" / "parcels.csv")
    bucket.blob("data/parcels-1.csv").upload_from_filename(ROOT / "docs" / "parcels.csv")
    live = {"MODEL_URI": "gs://models/models/flight-delay", "MODEL_REFRESH_SECONDS": "0.1"}
    with FunctionProcess({**cloud.environment(), **live}) as function:
        terminal = Terminal(tmp_path, function.url, monkeypatch)
        (tmp_path / "build" / "model.zip").write_bytes(bundle_path.read_bytes())
        for block in blocks(document, "sh", "python"):
            terminal.type(block)
