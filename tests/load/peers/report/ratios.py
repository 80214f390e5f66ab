"""How ours compare: with the best of each group, and with each other."""

from collections.abc import Collection, Mapping

from tests.load.peers.report.figures import COMPARED, FIGURES, Figures
from tests.load.peers.servers.table import SERVERS

OURS = "taxiway"
GROUPS: Mapping[str, Collection[str]] = {
    "hello": ["hello"],
    "best_peer": [name for name, server in SERVERS.items() if server.role == "peer"],
    "best_rival": [name for name, server in SERVERS.items() if server.role in {"peer", "rival"}],
}
"""Of a group the best is taken, figure by figure: the most a second, the least time, memory or money."""
TO_OTHERS: Mapping[str, tuple[str, str]] = {
    "throughput_to_hello": ("vectors_rate", "hello"),
    "p99_constant_to_hello": ("p99_constant", "hello"),
    "first_answer_to_hello": ("first_answer", "hello"),
    "first_answer_half_to_hello": ("first_answer_half", "hello"),
    "throughput_to_best_peer": ("vectors_rate", "best_peer"),
    **{
        f"{name.removesuffix('_rate')}_to_best_peer": (name, "best_peer")
        for name in ("rows_rate", "first_answer", "p99_constant", "memory")
    },
    **{f"{name.removesuffix('_rate')}_to_best_rival": (name, "best_rival") for name in COMPARED if name != "unsound"},
}
FROM_BUCKET_TO_HELLO = {
    "first_answer_from_bucket_to_hello": ("first_answer_from_bucket", "first_answer"),
    "first_answer_from_bucket_half_to_hello": ("first_answer_from_bucket_half", "first_answer_half"),
}
"""A figure of ours, and that of hello world, which needs no bucket."""
WITHIN = {
    "rows_to_vectors": ("rows_rate", "vectors_rate"),
    "rows_10k_to_sklearn": ("large_rate", "sklearn_rate"),
    "arrow_10k_to_json": ("arrow_rate", "large_rate"),
    "arrow_dictionary_10k_to_json": ("arrow_dictionary_rate", "large_rate"),
    "binary_to_json": ("binary_rate", "json_rate"),
}
"""Two figures of ours."""


def ratios(figures: Figures) -> dict[str, float]:
    """Return ours to theirs, as far as they were measured."""
    ours = figures.get(OURS, {})
    found: dict[str, float] = {}
    for ratio, (name, group) in TO_OTHERS.items():
        theirs = [figures[each][name] for each in GROUPS[group] if name in figures.get(each, {})]
        if name in ours and theirs:
            found[ratio] = ours[name] / (max if FIGURES[name].more_is_better else min)(theirs)
    for pairs, others in ((FROM_BUCKET_TO_HELLO, figures.get("hello", {})), (WITHIN, ours)):
        for ratio, (name, other) in pairs.items():
            if name in ours and other in others:
                found[ratio] = ours[name] / others[other]
    return found
