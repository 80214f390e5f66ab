"""The requests that the README shows, typed as they stand there."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.function_process import ROOT, FunctionProcess

README = (ROOT / "README.md").read_text()
SHOWN = re.findall(r"```sh\n(curl .*?)```(?:\n+```json\n(.*?)\n```)?", README, re.DOTALL)


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


def test_there_are_requests_to_try() -> None:
    """Else the next test would test nothing."""
    assert len(SHOWN) >= 7
    assert sum(bool(answer) for _, answer in SHOWN) >= 6


@pytest.mark.parametrize(("command", "answer"), SHOWN)
def test_a_shown_request_gives_the_shown_answer(function: FunctionProcess, command: str, answer: str) -> None:
    """To the byte where an answer is shown, and JSON in any case."""
    typed = command.replace("localhost:8080", f"127.0.0.1:{function.port}").replace("curl ", "curl -sS ")
    printed = subprocess.run(["bash", "-c", typed], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed)
    assert answer == "" or of_any_version(answer) == of_any_version(printed)


def of_any_version(answer: str) -> str:
    """Leave out which version of the model answered."""
    return re.sub(r'"model_version":"[0-9a-f]{12}"', '"model_version":""', answer)
