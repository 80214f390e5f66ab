"""The id by which the caller, the response and the log refer to a request."""

import random
import re
from collections.abc import Mapping

from function.logs import trace_of

HEADER = b"x-request-id"
_VALID = re.compile(rb"[\x21-\x7e]{1,128}")


def request_id(headers: Mapping[bytes, bytes]) -> str:
    """Return the caller's id if it sent a valid one, else the id of its trace, else a random one."""
    given = headers.get(HEADER)
    if given is not None and _VALID.fullmatch(given):
        return given.decode()
    if trace := trace_of(headers):
        return trace.id
    return f"{random.getrandbits(128):032x}"
