"""What is known of a server: how it is started, and how it is asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.support.function_process import ROOT

PEERS = Path(__file__).parents[1]
VECTOR = [
    0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0,
]  # fmt: skip
"""The original service's example."""
ROW = {"carrier": "EV", "month": 7, "origin": "EWR", "period": "evening"}
Kind = Literal["vector", "row"]
"""An encoded vector for the last step, or a row of named features for the whole pipeline."""


@dataclass(frozen=True)
class Question:
    """How a server is asked: a path, a body, and where in the answer the label is."""

    path: str
    body: Any
    label: tuple[str | int, ...]

    @property
    def content(self) -> bytes:
        """The body as JSON."""
        return json.dumps(self.body, separators=(",", ":")).encode()

    def label_of(self, answer: bytes) -> Any:
        """Return the label in an answer; a LookupError or ValueError where there is none."""
        found = json.loads(answer)
        for key in self.label:
            found = found[key]
        return found


AS_AT_FIRST = Question("/predict/", {"test_array": VECTOR}, ("prediction",))
"""How the original service is asked."""


@dataclass(frozen=True)
class Server:
    """One of those compared; `{bin}`, `{models}`, `{kind}`, `{port}`, `{other}` and `{another}` stand for a run's."""

    title: str
    role: Literal["ours", "hello", "peer", "rival"]
    """A peer is a model server, or the original service; a rival is what can be written by hand in an afternoon."""
    command: tuple[str, ...]
    requirements: Path
    """A requirements.txt, or a uv.lock."""
    packages: tuple[str, ...]
    """Whose versions are told."""
    vector: Question
    row: Question | None
    table: str = ""
    """The path for many rows, which are asked for and answered as by our `/predict`; empty if that is not measured."""
    python: str = ">=3.11,<3.14"
    """The versions that the locked release supports."""
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    convert: str = ""
    """A script of `serving/` that writes the models in the server's own format."""

    @property
    def one_kind(self) -> bool:
        """Whether a process serves one kind alone."""
        return any("{kind}" in word for word in (*self.command, *self.environment.values()))


def serving(script: str) -> str:
    """Return the path of a script in `serving/`."""
    return str(PEERS / "serving" / script)


def lock_of(name: str) -> Path:
    """Return the lock of an environment."""
    return PEERS / "environments" / name / "uv.lock"
