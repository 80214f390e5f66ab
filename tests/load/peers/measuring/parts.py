"""What can be measured of a server, part by part."""

from collections.abc import Callable, Mapping

from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.bucket import measure_bucket
from tests.load.peers.measuring.formats import measure_formats
from tests.load.peers.measuring.large import measure_large
from tests.load.peers.measuring.loads import measure_loads
from tests.load.peers.measuring.throttled import measure_throttled
from tests.load.peers.measuring.trees import measure_trees

PARTS: Mapping[str, Callable[[Bench, str], Measured]] = {
    "loads": measure_loads,
    "throttled": measure_throttled,
    "bucket": measure_bucket,
    "large": measure_large,
    "trees": measure_trees,
    "formats": measure_formats,
}
"""A part that does not concern a server has no figures of it."""


def measure(bench: Bench, name: str, parts: list[str]) -> Measured:
    """Measure some parts of a server, one after the other."""
    figures: Measured = {"unsound": 0.0}
    for part in parts:
        found = PARTS[part](bench, name)
        figures |= {**found, "unsound": max(figures["unsound"], found.get("unsound", 0.0))}
    return figures
