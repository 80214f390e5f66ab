"""What is told of one operation, besides what its route tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from function.http.openapi.json_schema import Json

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Operation:
    """Its answer, its body if it takes one, and bodies that a caller can send."""

    answer: Json
    body: Json | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    media: tuple[str, ...] = (JSON_TYPE,)
    """What the answer may be; JSON is what `answer` describes."""
    needs_model: bool = True
    """Whether it answers 503 while no model is live."""
