"""Medians over the rounds, and how they compare."""

import statistics
from collections.abc import Mapping, Sequence

PEERS = ("kserve", "mlserver", "fastapi")
Figures = Mapping[str, Mapping[str, float]]
"""A server's figures by name, for each server."""


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure over the rounds of one server."""
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def ratios(figures: Figures, rows_10k: float, sklearn: float) -> dict[str, float]:
    """Compare ours with the best peer (the most a second, the least time or memory) and with hello world."""
    ours, hello = figures["taxiway"], figures["hello"]

    def peers(name: str) -> list[float]:
        return [figures[peer][name] for peer in PEERS]

    return {
        "throughput_to_best_peer": ours["rate"] / max(peers("rate")),
        "rows_to_best_peer": ours["rows_rate"] / max(peers("rows_rate")),
        "throughput_to_hello": ours["rate"] / hello["rate"],
        "first_answer_to_best_peer": ours["first_answer"] / min(peers("first_answer")),
        "p99_constant_to_hello": ours["p99_constant"] / hello["p99_constant"],
        "p99_constant_to_best_peer": ours["p99_constant"] / min(peers("p99_constant")),
        "memory_to_best_peer": ours["memory"] / min(peers("memory")),
        "rows_10k_to_sklearn": rows_10k / sklearn,
    }
