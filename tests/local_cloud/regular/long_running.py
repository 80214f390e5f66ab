"""Long-running operations, most of which are done at once."""

import itertools
from collections.abc import Mapping
from typing import Any

from tests.local_cloud.errors import CodedError

EMPTY = "google.protobuf.Empty"


class LongRunning:
    """The operations by name."""

    def __init__(self) -> None:
        """Start with none."""
        self._operations: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def start(self, project: str, location: str) -> str:
        """Return the name of a new operation, which is not done."""
        name = f"projects/{project}/locations/{location}/operations/operation-{next(self._numbers)}"
        self._operations[name] = {"name": name, "metadata": {}}
        return name

    def succeed(self, name: str, message: str, response: Mapping[str, Any]) -> dict[str, Any]:
        """End an operation with its outcome, a message of this type; return it."""
        outcome = {"@type": f"type.googleapis.com/{message}", **response}
        self._operations[name].update({"done": True, "response": outcome})
        return self.get(name)

    def fail(self, name: str, code: int, message: str) -> None:
        """End an operation with an error; the code is one of gRPC's."""
        self._operations[name].update({"done": True, "error": {"code": code, "message": message}})

    def get(self, name: str) -> dict[str, Any]:
        """Return an operation as JSON; 404."""
        if name not in self._operations:
            raise CodedError(404, f"Operation '{name}' was not found")
        return self._operations[name]
