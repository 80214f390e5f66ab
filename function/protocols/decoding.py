"""Decode a JSON body into a typed object, or report the place of the fault and what is allowed there."""

from typing import TypeVar

import msgspec

from function.errors import BadInput, Fault
from function.model.conversion import fault_of

T = TypeVar("T")

MALFORMED = Fault((), "json_invalid", "The body is not valid JSON.")
TOO_DEEP = Fault((), "json_invalid", "The JSON of the body is nested too deeply.")
NOT_UTF8 = Fault((), "json_invalid", "The body is not valid UTF-8.")


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    """Decode a JSON body.

    Raises:
        BadInput: the body does not match the type; `fault.loc` is the path of keys and indices to the fault.
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
