"""function/logs.py."""

import json
import logging
import sys

import pytest

from function.logs import RequestContext, current_request, log, log_exception, use_for_all_loggers


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


TRACE = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("header", "value", "span", "sampled"),
    [
        (b"traceparent", f"00-{TRACE}-00000000000000ff-01", "00000000000000ff", True),
        (b"x-cloud-trace-context", f"{TRACE}/255;o=1", "00000000000000ff", True),
        (b"x-cloud-trace-context", f"{TRACE}/255;o=0", "00000000000000ff", False),
        (b"x-cloud-trace-context", TRACE, "0000000000000000", False),
    ],
)
def test_a_record_is_tied_to_its_requests_trace(
    capsys: pytest.CaptureFixture[str], header: bytes, value: str, span: str, *, sampled: bool
) -> None:
    """By whichever header the trace came."""
    token = current_request.set(RequestContext("id", "project", {header: value.encode()}))
    log("INFO", "Hello.")
    current_request.reset(token)
    record = json.loads(capsys.readouterr().err)
    assert record["request_id"] == "id"
    assert record["logging.googleapis.com/trace"] == f"projects/project/traces/{TRACE}"
    assert record["logging.googleapis.com/spanId"] == span
    assert record["logging.googleapis.com/trace_sampled"] is sampled


@pytest.mark.parametrize(
    ("id_", "labels"), [(b"a1B2-c3_", {"execution_id": "a1B2-c3_"}), (b"a\xff", None), (b"", None)]
)
def test_a_record_has_the_execution_id_of_the_platform(
    capsys: pytest.CaptureFixture[str], id_: bytes, labels: object
) -> None:
    """In the label by which the console of Cloud Functions groups records."""
    token = current_request.set(RequestContext("id", "", {b"function-execution-id": id_}))
    log("INFO", "Hello.")
    current_request.reset(token)
    assert json.loads(capsys.readouterr().err).get("logging.googleapis.com/labels") == labels


@pytest.mark.parametrize(("project", "value"), [("", f"{TRACE}/1;o=1"), ("project", "nonsense"), ("project", "")])
def test_no_trace_is_made_up(capsys: pytest.CaptureFixture[str], project: str, value: str) -> None:
    """Without a project, or from a header that is none."""
    token = current_request.set(RequestContext("id", project, {b"x-cloud-trace-context": value.encode()}))
    log("INFO", "Hello.")
    current_request.reset(token)
    assert "trace" not in capsys.readouterr().err


def test_an_exception_comes_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """In the field that Error Reporting reads."""
    try:
        raise ValueError("no")  # noqa: TRY301 (a traceback is wanted)
    except ValueError as error:
        log_exception("It failed.", error, path="/")
    record = json.loads(capsys.readouterr().err)
    assert record["severity"] == "ERROR"
    assert "ValueError: no" in record["stack_trace"]


def test_records_of_libraries_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """On one line, with the traceback as a field; also of a logger that was disabled."""
    logger = logging.getLogger("library")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)
    logger.propagate, logger.disabled = False, True
    use_for_all_loggers()
    try:
        raise ValueError("no")  # noqa: TRY301 (a traceback is wanted)
    except ValueError:
        logger.exception("It %s.", "failed")
    logger.removeHandler(handler)
    logging.captureWarnings(capture=False)
    record = json.loads(capsys.readouterr().err)
    assert (record["severity"], record["message"], record["logger"]) == ("ERROR", "It failed.", "library")
    assert "ValueError: no" in record["stack_trace"]
