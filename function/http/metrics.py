"""Counters and times of this process in Prometheus' text format.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import get_args

from function.inference.phases import Phase, Phases
from function.live.store import State

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the histogram's buckets, in seconds."""
SERVER_ERROR = 500
PHASES: tuple[Phase, ...] = get_args(Phase)
Sample = tuple[str, dict[str, str], float]


class Metrics(Phases):
    """What happened in this process since its start; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._problems: Counter[str] = Counter()
        self._rows = 0
        self._counts = {phase: [0] * (len(BUCKETS) + 1) for phase in PHASES}
        self._sums = dict.fromkeys(PHASES, 0.0)

    def now(self) -> float:
        """Return the time in seconds."""
        return time.perf_counter()

    def add(self, phase: Phase, seconds: float) -> None:
        """Record that a phase took so long."""
        with self._lock:
            self._counts[phase][bisect_left(BUCKETS, seconds)] += 1
            self._sums[phase] += seconds

    def since(self, phase: Phase, start: float) -> float:
        """Record that a phase ends now, and return the time."""
        end = time.perf_counter()
        self.add(phase, end - start)
        return end

    def predicted(self, rows: int) -> None:
        """Record that so many rows were predicted."""
        with self._lock:
            self._rows += rows

    def responded(self, method: str, route: str, status: int) -> None:
        """Record a response to a request of a route."""
        self._requests[method, route, status] += 1

    def failed(self, problem: Exception) -> None:
        """Record why a request failed."""
        self._problems[type(problem).__name__] += 1

    def text(self, state: State) -> bytes:
        """Write all metrics, with the live model."""
        return "".join(_lines(self._families(state))).encode()

    def _families(self, state: State) -> Iterator[tuple[str, str, str, Iterable[Sample]]]:
        requests, problems = sorted(self._requests.items()), sorted(self._problems.items())
        yield (
            "taxiway_requests_total",
            "counter",
            "Responses by method, route and status.",
            [("", {"method": m, "route": r, "status": str(s)}, n) for (m, r, s), n in requests],
        )
        failures = sum(count for (_, _, status), count in requests if status >= SERVER_ERROR)
        yield "taxiway_failures_total", "counter", "Responses with a status of 500 or above.", [("", {}, failures)]
        yield (
            "taxiway_problems_total",
            "counter",
            "Requests that got an error, by its kind; Overloaded are those refused because too many waited.",
            [("", {"problem": name}, count) for name, count in problems],
        )
        yield "taxiway_rows_total", "counter", "Rows predicted.", [("", {}, self._rows)]
        yield "taxiway_phase_seconds", "histogram", "Seconds of each phase of predictions.", list(self._histogram())
        live = state.live
        labels = {"name": live.manifest.name, "version": live.version, "engine": live.engine.name} if live else {}
        yield "taxiway_model_info", "gauge", "The live model.", [("", labels, 1)] if live else []
        yield (
            "taxiway_model_refused",
            "gauge",
            "Whether the newest model file is refused.",
            [("", {}, int(state.refused is not None))],
        )
        unreachable = int(state.unreachable is not None)
        yield "taxiway_model_unreachable", "gauge", "Whether the last refresh failed.", [("", {}, unreachable)]

    def _histogram(self) -> Iterator[Sample]:
        for phase in PHASES:
            with self._lock:
                counts, total = list(self._counts[phase]), self._sums[phase]
            below = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                below += count
                yield "_bucket", {"phase": phase, "le": bound}, below
            yield "_sum", {"phase": phase}, total
            yield "_count", {"phase": phase}, below


def _lines(families: Iterable[tuple[str, str, str, Iterable[Sample]]]) -> Iterator[str]:
    for name, kind, about, samples in families:
        yield f"# HELP {name} {about}\n# TYPE {name} {kind}\n"
        for suffix, labels, value in samples:
            pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
            yield f"{name}{suffix}{{{pairs}}} {value}\n" if pairs else f"{name}{suffix} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
