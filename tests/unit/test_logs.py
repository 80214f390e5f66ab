"""function/logs.py."""

import json

import pytest

from function.logs import log, log_exception


def test_a_record_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Severity and message in Cloud Logging's names, and the fields beside them."""
    log("WARNING", "Something\nhappened.", generation=3, reason="so")
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "severity": "WARNING",
        "message": "Something\nhappened.",
        "generation": 3,
        "reason": "so",
    }


def test_an_exception_comes_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """In the field that Error Reporting reads."""
    try:
        raise ValueError("no")  # noqa: TRY301 (a traceback is wanted)
    except ValueError as error:
        log_exception("It failed.", error, path="/")
    record = json.loads(capsys.readouterr().err)
    assert record["severity"] == "ERROR"
    assert "ValueError: no" in record["stack_trace"]
