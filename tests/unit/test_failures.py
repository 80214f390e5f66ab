"""function/http/failures.py: which failures leave a record."""

import json
from typing import Any

import pytest

from function.errors import NotFound, Overloaded, TimedOut, Unavailable
from function.http.failures import FailureLog


class FakeClock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the records since the last call."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("error", [Unavailable("none", 5), TimedOut("late")])
def test_every_failure_of_the_service_leaves_a_record(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """With where and why."""
    log = FailureLog(FakeClock())
    for _ in range(3):
        log.write(error, "POST", "/predict")
    found = records(capsys)
    assert [record["event"] for record in found] == ["request_failed"] * 3
    assert found[0].items() >= {"method": "POST", "path": "/predict", "reason": str(error)}.items()
    assert found[0]["status"] in {503, 504}


@pytest.mark.parametrize(("error", "event"), [(NotFound("no"), "request_refused"), (Overloaded(9), "overload")])
def test_what_callers_can_cause_at_will_is_sampled(
    error: Exception, event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One record a second, which has the number of the others too."""
    clock = FakeClock()
    log = FailureLog(clock)
    for _ in range(1000):
        log.write(error, "GET", "/")
    clock.now = 1.0
    log.write(error, "GET", "/")
    assert [(record["event"], record["count"]) for record in records(capsys)] == [(event, 1), (event, 1000)]


def test_an_unexpected_failure_has_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Of which the caller learns nothing."""
    problem = FailureLog(FakeClock()).write(ValueError("a secret"), "GET", "/")
    (record,) = records(capsys)
    assert (record["severity"], record["status"], "a secret" in record["stack_trace"]) == ("ERROR", 500, True)
    assert "secret" not in str(problem)
