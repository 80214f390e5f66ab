"""One JSON object per log line, in the field names of Cloud Logging.

https://cloud.google.com/logging/docs/structured-logging

Lines go straight to standard error: the functions framework disables every `logging` logger
made before it configures its own.
"""

import sys
import traceback
from typing import Literal

import msgspec

Severity = Literal["INFO", "WARNING", "ERROR"]


def log(severity: Severity, message: str, **fields: object) -> None:
    """Write one record: a constant message, and the variables as fields."""
    record = {"severity": severity, "message": message, **fields}
    line = msgspec.json.encode(record, enc_hook=str).decode()
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def log_exception(message: str, error: BaseException, **fields: object) -> None:
    """Write an ERROR record with the traceback, which Error Reporting groups by."""
    log("ERROR", message, stack_trace="".join(traceback.format_exception(error)), **fields)
