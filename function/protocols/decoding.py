"""Decode a JSON body into a typed object, or report the place of the fault and what is allowed there."""

import json
import re
from typing import TypeVar

import msgspec

from function.errors import BadInput, Fault
from function.model.faults import fault_of

T = TypeVar("T")

MALFORMED = Fault((), "json_invalid", "The body is not valid JSON.")
TOO_DEEP = Fault((), "json_invalid", "The JSON of the body is nested too deeply.")
NOT_UTF8 = Fault((), "json_invalid", "The body is not valid UTF-8.")
NOT_A_NUMBER = Fault((), "json_invalid", "JSON has no NaN or Infinity. Send null for a missing number.")
ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""The exceptions for a body that is not JSON."""
CONSTANT = re.compile(rb"[\[,:]\s*(?:NaN|-?Infinity)\b")


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    """Decode a JSON body.

    Raises:
        BadInput: the body does not match the type; `fault.loc` is the path of keys and indices to the fault.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BadInput(fault_of(str(error), decoder.type)) from None
    except ERRORS as error:
        raise BadInput(malformation(error, body)) from None


def malformation(error: Exception, body: bytes) -> Fault:
    """Return the fault of a body that is not JSON, from the exception of its decoder."""
    if isinstance(error, RecursionError):
        return TOO_DEEP
    if isinstance(error, UnicodeDecodeError):
        return NOT_UTF8
    return NOT_A_NUMBER if _has_constants(body) else MALFORMED


def _has_constants(body: bytes) -> bool:
    """Return whether a body is what Python's `json.dumps` writes of a table with missing or infinite numbers."""
    if not CONSTANT.search(body):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
