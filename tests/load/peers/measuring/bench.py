"""What is there to measure with: environments, models, and the time for each load."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.load.peers.measuring.pinned import Pinned
from tests.load.peers.models import Model
from tests.load.peers.servers.server import Kind
from tests.load.peers.servers.table import SERVERS

Measured = dict[str, float]
"""Figures by name; `unsound` is the share of requests that failed or were answered wrongly."""


@dataclass(frozen=True)
class Bench:
    """Everything that a measurement needs."""

    homes: Mapping[str, Path]
    """Each server's virtual environment."""
    model: Model
    """The default one."""
    trees: Mapping[int, Model]
    """Boosted trees, by their number."""
    seconds: float
    """Of each load."""

    def started(
        self,
        name: str,
        model: Model | None = None,
        kind: Kind = "vector",
        environment: Mapping[str, str] | None = None,
        share: float = 1,
    ) -> Pinned:
        """Return a server to enter, which serves the default model unless another is given."""
        return Pinned(SERVERS[name], self.homes[name], model or self.model, kind, environment, share)
