"""The first right answer of a server that has half a core until then."""

from tests.load.peers.measuring.bench import Bench, Measured

HALF = 0.5


def measure_throttled(bench: Bench, name: str) -> Measured:
    """Measure the time from the start of its process."""
    with bench.started(name, share=HALF) as running:
        return {"first_answer_half": running.first_answer}
