"""One JSON object per log line, in the field names of Cloud Logging.

https://cloud.google.com/logging/docs/structured-logging

Lines are written directly to standard error: the functions framework disables every `logging` logger
that was created before it configures its own.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Literal

import msgspec
from msgspec import Struct

Severity = Literal["INFO", "WARNING", "ERROR"]


class RequestContext(Struct, frozen=True, gc=False):
    """What identifies a request in the records that are logged while it is handled."""

    id: str
    trace_project: str
    """The project of the traces; if empty, records refer to none."""
    headers: Mapping[bytes, bytes]


class Trace(Struct, frozen=True):
    """A trace that a request belongs to."""

    id: str
    span: str
    sampled: bool


current_request: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(rb"[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})")
# https://cloud.google.com/trace/docs/trace-context#legacy-http-header
_CLOUD_TRACE = re.compile(rb"([\da-fA-F]{32})(?:/(\d{1,20})(?:;o=(\d))?)?")

# By which the console of Cloud Functions groups records.
_EXECUTION_ID = re.compile(rb"[\w-]{1,64}")


def log(severity: Severity, message: str, **fields: object) -> None:
    """Write a log record: a constant message, with the variables as fields."""
    record = {"severity": severity, "message": message, **fields, **_request_fields()}
    sys.stderr.write(msgspec.json.encode(record, enc_hook=str).decode() + "\n")
    sys.stderr.flush()


def log_exception(message: str, error: BaseException, **fields: object) -> None:
    """Write an ERROR record with the traceback, by which Error Reporting groups records."""
    log("ERROR", message, stack_trace="".join(traceback.format_exception(error)), **fields)


def use_for_all_loggers() -> None:
    """Write the records of all libraries in the same way, and enable those that the functions framework disabled.

    Call it after the framework and the server have configured their loggers.
    """
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler())
    for logger in (root, *root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.disabled = False
            for handler in logger.handlers:
                handler.setFormatter(_JSONFormatter())


class _JSONFormatter(logging.Formatter):
    """Formats a record of any library as `log` does."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON; a traceback is a field of it."""
        fields = {"severity": record.levelname, "message": record.getMessage(), "logger": record.name}
        if record.exc_info:
            fields["stack_trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode({**fields, **_request_fields()}, enc_hook=str).decode()


def trace_of(headers: Mapping[bytes, bytes]) -> Trace | None:
    """Return the trace that a request's headers name, if they do."""
    parent, cloud = headers.get(b"traceparent"), headers.get(b"x-cloud-trace-context")
    if parent and (found := _TRACEPARENT.fullmatch(parent)):
        return Trace(found[1].decode(), found[2].decode(), bool(int(found[3], 16) & 1))
    if cloud and (found := _CLOUD_TRACE.fullmatch(cloud)):
        return Trace(found[1].decode(), f"{int(found[2] or 0):016x}", found[3] == b"1")
    return None


def _request_fields() -> Mapping[str, object]:
    """Return the id of the current request, and the fields by which Cloud Logging groups its records."""
    request = current_request.get()
    if request is None:
        return {}
    fields: dict[str, object] = {"request_id": request.id}
    if found := _EXECUTION_ID.fullmatch(request.headers.get(b"function-execution-id", b"")):
        fields["logging.googleapis.com/labels"] = {"execution_id": found[0].decode()}
    trace = trace_of(request.headers) if request.trace_project else None
    if trace is None:
        return fields
    return {
        **fields,
        "logging.googleapis.com/trace": f"projects/{request.trace_project}/traces/{trace.id}",
        "logging.googleapis.com/spanId": trace.span,
        "logging.googleapis.com/trace_sampled": trace.sampled,
    }
