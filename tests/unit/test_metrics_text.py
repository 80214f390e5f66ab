"""function/http/metrics.py: Prometheus' text format."""

import re

from function.errors import NotFound
from function.http.metrics import BUCKETS, Metrics
from function.live.store import State
from function.model.loaded import load
from model_training.bundling.building import Packed

# Metric name, labels, value; https://prometheus.io/docs/instrumenting/exposition_formats/
SAMPLE = re.compile(r'([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\S+)')


def samples(text: bytes) -> dict[str, float]:
    """Parse the format: a line of help and one of the type before the samples of a metric."""
    found, described = {}, ""
    for line in text.decode().splitlines():
        if line.startswith("# TYPE "):
            described = line.split()[2]
        if not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1].startswith(described)
            found[match[1] + (match[2] or "")] = float(match[3])
    return found


def test_what_happened_is_counted(packed: Packed) -> None:
    """Requests, failures, rows, the live model."""
    metrics = Metrics()
    for status in (200, 200, 404, 503):
        metrics.responded("POST", "/predict", status)
    metrics.failed(NotFound("x"))
    metrics.predicted(7)
    model = load(packed.data, 1, 10_000_000)
    found = samples(metrics.text(State(live=model)))
    assert found['taxiway_requests_total{method="POST",route="/predict",status="200"}'] == 2
    assert found["taxiway_failures_total"] == 1
    assert found['taxiway_problems_total{problem="NotFound"}'] == 1
    assert found["taxiway_rows_total"] == 7
    assert found[f'taxiway_model_info{{name="flight-delay",version="{model.version}",engine="linear"}}'] == 1
    assert found["taxiway_model_refused"] == 0


def test_times_are_cumulative_buckets() -> None:
    """As Prometheus requires: each has those of the smaller ones too, and the last has all."""
    metrics = Metrics()
    for seconds in (BUCKETS[0], BUCKETS[3], 100.0):
        metrics.add("predict", seconds)
    found = samples(metrics.text(State()))
    counts = [found[f'taxiway_phase_seconds_bucket{{phase="predict",le="{bound}"}}'] for bound in (*BUCKETS, "+Inf")]
    assert counts[:4] == [1, 1, 1, 2]
    assert counts[-2:] == [2, 3]
    assert found['taxiway_phase_seconds_count{phase="predict"}'] == 3
    assert found['taxiway_phase_seconds_sum{phase="predict"}'] == BUCKETS[0] + BUCKETS[3] + 100
    assert "taxiway_model_info" not in str(found)
