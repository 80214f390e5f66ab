"""The description of one operation, which is a path with a method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from function.http.openapi.json_schema import Json
from function.http.openapi.model_schemas import ModelSchemas
from function.inference.codec import JSON_TYPE


@dataclass(frozen=True)
class Operation:
    """The schema of the response, the schema of the body if there is one, and examples of bodies."""

    response: Json
    body: Json | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    media_types: tuple[str, ...] = (JSON_TYPE,)
    """The media types of the response; `response` is the schema of the JSON."""
    contents: Mapping[str, Json] = field(default_factory=dict)
    """Media types that body and response may have besides, with their schemas."""
    headers: Mapping[str, Json] = field(default_factory=dict)
    """Headers that belong to those, in requests and in responses."""
    needs_model: bool = True
    """Whether the response is 503 while no model is live."""
    other_bodies: Mapping[str, Json] = field(default_factory=dict)
    """The descriptions of bodies that are no JSON, by their media types."""
    query: Sequence[Json] = ()
    """The parameters in the query string."""


Describe = Callable[[ModelSchemas], Operation]


def fixed(response: type[Struct], media_types: tuple[str, ...] = (JSON_TYPE,), *, needs_model: bool = True) -> Describe:
    """Describe an operation without a body, whose response has the same type for every model."""
    return lambda schemas: Operation(schemas.add(response), media_types=media_types, needs_model=needs_model)
