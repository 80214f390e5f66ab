"""One JSON object per log line, in the field names of Cloud Logging.

https://cloud.google.com/logging/docs/structured-logging

Lines are written directly to standard error: the functions framework disables every `logging` logger
that was created before it configures its own.
"""

import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Literal

import msgspec

Severity = Literal["INFO", "WARNING", "ERROR"]
Headers = Iterable[tuple[bytes, bytes]]

request_headers: ContextVar[tuple[str, Headers]] = ContextVar("request_headers", default=("", ()))
"""The project of the traces, and the headers of the current request; read only when a record is logged."""

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(rb"[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})")
# https://cloud.google.com/trace/docs/trace-context#legacy-http-header
_CLOUD_TRACE = re.compile(rb"([\da-fA-F]{32})(?:/(\d{1,20})(?:;o=(\d))?)?")


def log(severity: Severity, message: str, **fields: object) -> None:
    """Write a log record: a constant message, with the variables as fields."""
    record = {"severity": severity, "message": message, **fields, **_trace()}
    sys.stderr.write(msgspec.json.encode(record, enc_hook=str).decode() + "\n")
    sys.stderr.flush()


def log_exception(message: str, error: BaseException, **fields: object) -> None:
    """Write an ERROR record with the traceback, by which Error Reporting groups records."""
    log("ERROR", message, stack_trace="".join(traceback.format_exception(error)), **fields)


def _trace() -> Mapping[str, object]:
    """Return the fields by which Cloud Logging groups the records of a request."""
    project, headers = request_headers.get()
    if not project:
        return {}
    values = dict(headers)
    if found := _TRACEPARENT.fullmatch(values.get(b"traceparent", b"")):
        trace, span, sampled = found[1].decode(), found[2].decode(), bool(int(found[3], 16) & 1)
    elif found := _CLOUD_TRACE.fullmatch(values.get(b"x-cloud-trace-context", b"")):
        trace, span, sampled = found[1].decode(), f"{int(found[2] or 0):016x}", found[3] == b"1"
    else:
        return {}
    return {
        "logging.googleapis.com/trace": f"projects/{project}/traces/{trace}",
        "logging.googleapis.com/spanId": span,
        "logging.googleapis.com/trace_sampled": sampled,
    }
