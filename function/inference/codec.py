"""What a wire format is to a prediction: functions from bytes to a query, and from predictions to bytes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from function.inference.query import Query
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs

JSON_TYPE = "application/json"
SMALL_BODY_BYTES = 16 * 1024
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Encoded(NamedTuple):
    """The body of a response, its media type, and other headers that its format needs."""

    body: bytes
    media_type: str = JSON_TYPE
    headers: Mapping[str, str] = NO_HEADERS


Decode = Callable[[bytes, LoadedModel], Query]
"""Decodes a body; raises BadInput if it is invalid."""
Locate = Callable[[Query, int], Place]
"""Returns the place of a row in the body."""
Encode = Callable[[Query, Outputs, LoadedModel], Encoded]
"""Encodes the predictions as the body of the response."""


class Codec(NamedTuple):
    """How a body is decoded, where its rows are, and how the predictions are encoded."""

    decode: Decode
    place: Locate
    encode: Encode
    small_body_bytes: int = SMALL_BODY_BYTES
    """The size up to which a body, with about a thousand values at most, is decoded on the event loop."""
