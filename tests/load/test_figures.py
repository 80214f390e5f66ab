"""What wrk and hey print, and what is made of it."""

import re

import msgspec
import pytest

from tests.load import hey, wrk
from tests.load.figures import Figures
from tests.load.objectives import broken, promises
from tests.load.report import Phase, Report

GOOD = Figures(requests=50_000, seconds=45, p50=20, p95=90, p99=120, max=700, failed=0, lost=0, checked=50_000, wrong=0)
PRINTED_BY_WRK = """Running 1s test @ http://127.0.0.1:9111/predict/
Transfer/sec:    689.71KB
{"requests":16462,"seconds":4.009094,"p50":31.966,"p95":81.306,"p99":105.8,"max":979.9,"failed":3,"lost":2,\
"checked":16459,"wrong":1}
"""
PRINTED_BY_HEY = """
Summary:
  Total:\t4.0000 secs
  Slowest:\t0.0108 secs
  Requests/sec:\t1105.1901
  
  Total data:\t71056 bytes

Latency distribution:
  10% in 0.0019 secs
  50% in 0.0034 secs
  95% in 0.0057 secs
  99%% in 0.0072 secs

Status code distribution:
  [200]\t4441 responses
  [503]\t9 responses

Error distribution:
  [7]\tPost "http://127.0.0.1:9111/": context deadline exceeded
  [2]\tPost "http://127.0.0.1:9111/": EOF
"""  # noqa: W293 (as hey prints it)


def changed(**changes: float) -> Figures:
    """Figures that differ from good ones."""
    return msgspec.structs.replace(GOOD, **changes)


def test_wrk_s_last_line_is_read() -> None:
    """Whatever wrk prints before it."""
    figures = wrk.read(PRINTED_BY_WRK)
    assert (figures.requests, figures.failed, figures.lost, figures.checked, figures.wrong) == (16462, 3, 2, 16459, 1)
    assert figures.rate == pytest.approx(4106.2, abs=0.1)


def test_hey_s_summary_is_read() -> None:
    """Milliseconds, every status and every error; the bodies are what the sampler saw."""
    expected = Figures(
        requests=4450, seconds=4, p50=3.4, p95=5.7, p99=7.2, max=10.8, failed=9, lost=9, checked=200, wrong=1
    )
    read = hey.read(PRINTED_BY_HEY, checked=200, wrong=1)
    assert msgspec.structs.asdict(read) == pytest.approx(msgspec.structs.asdict(expected))


def test_the_slowest_stands_for_a_percentile_that_hey_leaves_out() -> None:
    """As it does where there are few answers; else a missing time would count as none."""
    few = hey.read(PRINTED_BY_HEY.replace("99%% in 0.0072", "0%% in 0.0000"), 1, 0)
    assert (few.p95, few.p99) == pytest.approx((5.7, 10.8))


def test_hey_s_summary_of_no_answer_is_read() -> None:
    """As a load in which nothing was sound."""
    nothing = hey.read("Summary:\n  Total:\t2.0 secs\n\nError distribution:\n  [40]\tconnection refused\n", 0, 0)
    assert (nothing.requests, nothing.lost, nothing.unsound) == (0, 40, 1.0)


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({}, 0.0),
        ({"wrong": 25}, 0.0005),
        ({"failed": 50}, 0.001),
        ({"requests": 49_000, "lost": 1_000}, 0.02),
        ({"failed": 25, "wrong": 25}, 0.001),
        ({"checked": 500, "wrong": 1}, 0.002),
        ({"checked": 0}, 1.0),
    ],
)
def test_the_share_that_is_unsound_counts_every_kind(changes: dict[str, float], share: float) -> None:
    """Failed and lost of all requests, wrong of the answers that were compared."""
    assert changed(**changes).unsound == pytest.approx(share)


@pytest.mark.parametrize(
    ("full", "constant", "named"),
    [
        ({}, {}, []),
        ({"wrong": 25}, {"failed": 25}, []),
        ({"p95": 900}, {"p95": 200}, []),
        ({"wrong": 26}, {}, ["full load: 0.052%"]),
        ({}, {"lost": 30}, ["constant rate: 0.060%"]),
        ({}, {"p95": 200.1}, ["constant rate: p95 is 200.1 ms"]),
        (
            {"failed": 50},
            {"failed": 50, "p95": 300},
            ["full load: 0.100%", "constant rate: 0.100%", "constant rate: p9"],
        ),
    ],
)
def test_a_missed_objective_is_named(full: dict[str, float], constant: dict[str, float], named: list[str]) -> None:
    """At both loads the share of what went wrong; p95 at the constant rate alone."""
    found = broken(changed(**full), changed(**constant))
    assert [sentence[: len(start)] for sentence, start in zip(found, named, strict=True)] == named


def test_the_original_s_promises_stand_beside_what_was_measured() -> None:
    """Scaled to the 45 seconds that it spoke of, however long the load was."""
    rows = promises(changed(requests=20_000, seconds=10))
    assert rows[1][1:] == ["50,000", "90,000"]
    assert rows[2][1:] == ["under 200", "p50 20, p95 90, max 700"]


def test_both_loads_stand_side_by_side() -> None:
    """A row a figure; what the service used is unknown where it runs elsewhere."""
    table, _ = Report("http://elsewhere", Phase(GOOD, None), Phase(changed(p95=9), None)).tables
    assert {row[0]: row[1:] for row in table}["p95, ms"] == ["90.0", "9.0"]
    assert {row[0]: row[1:] for row in table}["memory, MB"] == ["-", "-"]
    assert {len(row) for row in table} == {3}


def test_the_rate_is_what_the_names_say() -> None:
    """1,111 a second."""
    assert re.match("1111", f"{hey.RATE:g}")
