"""Decode a JSON body into a typed object, or report the place of the fault and what is allowed there."""

from typing import TypeVar

import msgspec

from function.errors import BadInput, Fault
from function.model.conversion import fault_of

T = TypeVar("T")

MALFORMED = Fault((), "json_invalid", "The body is not JSON.")
TOO_DEEP = Fault((), "json_invalid", "The body is nested too deeply.")
NOT_UTF8 = Fault((), "json_invalid", "The body is not UTF-8.")


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    """Decode a body.

    Raises:
        BadInput: whose `fault.loc` is the path to the fault, keys and indices in order.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BadInput(fault_of(str(error), decoder.type)) from None
    except msgspec.DecodeError:
        raise BadInput(MALFORMED) from None
    except RecursionError:
        raise BadInput(TOO_DEEP) from None
    except UnicodeDecodeError:
        raise BadInput(NOT_UTF8) from None
