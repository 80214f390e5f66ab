"""`python -m model_training status`, run as a person runs it."""

from typing import Any

import pytest

from tests.support.commands import run
from tests.support.endpoints import EMPTY, LIVE, answering
from tests.support.ports import free_port


def test_instances_that_agree_are_one_line() -> None:
    """Each probe is a connection of its own; the address may end with a slash."""
    with answering(LIVE) as endpoint:
        result = run("status", f"{endpoint.url}/")
    assert result.exit_code == 0, result.stderr
    assert [path for path, *_ in endpoint.asked] == ["/model"] * 20
    assert len({address for _, address, _ in endpoint.asked}) == 20
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("│")]
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells == ["20", "a" * 12, "1", "onnx", "2026-01-01T00:00:00Z", ""]
    assert f"{endpoint.url} serves {'a' * 12}." in result.stdout


def test_instances_may_have_loaded_at_other_times() -> None:
    """Two lines, and no disagreement."""
    with answering(LIVE, {**LIVE, "loaded_at": "2026-01-01T00:00:01Z"}) as endpoint:
        result = run("status", endpoint.url, "--probes", "4")
    assert (result.exit_code, result.stdout.count("│ 2 ")) == (0, 2)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({**LIVE, "version": "b" * 12}, f"serve different models: {'a' * 12}, {'b' * 12}."),
        ({**LIVE, "generation": 2}, f"serve different models: {'a' * 12}"),
        (EMPTY, "2 of 4 responses have no version"),
        (503, "2 of 4 responses have no version"),
    ],
)
def test_instances_that_disagree_are_reported(other: Any, words: str) -> None:
    """Exit code 1, with what they serve."""
    with answering(LIVE, other) as endpoint:
        result = run("status", endpoint.url, "--probes", "4")
    assert (result.exit_code, words in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {**EMPTY, "refused": {"generation": 7, "reason": "it is [bold]bad"}},
            "generation 7 is refused: it is [bold]bad",
        ),
        ({**EMPTY, "refused": {"generation": None, "reason": "bad"}}, "the file is refused: bad"),
        ({**EMPTY, "unreachable": {"reason": "answered 403", "since": "x"}}, "can't be reached: answered 403"),
        (403, "status 403: the identity of ID_TOKEN has no permission"),
        (401, "status 401: set ID_TOKEN"),
        (b"<html>", "the response is not one of GET /model"),
        (b"[" * 100_000, "the response is not one of GET /model"),
        (b"\xff", "the response is not one of GET /model"),
        ({"version": 1}, "the response is not one of GET /model"),
    ],
)
def test_why_no_model_is_live_is_reported(answer: Any, words: str) -> None:
    """In the table; exit code 1."""
    with answering(answer) as endpoint:
        result = run("status", endpoint.url, "--probes", "2")
    assert words in result.stdout
    assert (result.exit_code, "no model is live" in result.stderr) == (1, True)


def test_nobody_may_answer() -> None:
    """A sentence, no traceback."""
    result = run("status", f"http://127.0.0.1:{free_port()}", "--probes", "2")
    assert (result.exit_code, "no response: ConnectionError" in result.stdout) == (1, True)


def test_the_identity_token_goes_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """As bearer, whatever a .netrc says; none where it is not set."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for token, sent in (("abc", "Bearer abc"), ("", None)):
        monkeypatch.setenv("ID_TOKEN", token)
        with answering(LIVE) as endpoint:
            run("status", endpoint.url, "--probes", "1")
        assert [header for *_, header in endpoint.asked] == [sent]


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://host", "https://", "http://[", "http://host?a=b"])
def test_a_wrong_address_is_a_wrong_word(url: str) -> None:
    """Exit code 2."""
    assert run("status", url).exit_code == 2
