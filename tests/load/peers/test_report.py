"""What is made of the figures of several servers; no timing is asserted."""

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.load.peers.report.costs import RUNBOOK, price_of_a_second, with_costs
from tests.load.peers.report.document import OTHERS, write_document
from tests.load.peers.report.figures import FIGURES, medians
from tests.load.peers.report.losses import losses
from tests.load.peers.report.plot import PLOTTED, plot
from tests.load.peers.report.ratios import WITHIN, ratios
from tests.load.peers.report.terminal import by_figure
from tests.load.peers.servers.table import SERVERS
from tests.support.function_process import ROOT

SEEN = {name: dict.fromkeys(FIGURES, float(number)) for number, name in enumerate(SERVERS, start=2)}
"""Ours has 2 of everything, hello world 3, the others 4 and more, in the order of the table."""
MOST = len(SERVERS) + 1.0
OURS_ALONE = dict.fromkeys(
    ("first_answer_from_bucket", "first_answer_from_bucket_half", "p99_alone", "p99_during"), 1.0
) | {
    "sklearn_rate": 1.0,
    "arrow_rate": 4.0,
    "arrow_dictionary_rate": 6.0,
    "binary_rate": 5000.0,
    "json_rate": 1000.0,
}
SEEN["taxiway"] |= OURS_ALONE
TOLD: dict[str, Any] = {
    "date": "2026-01-01",
    "rounds": 1,
    "seconds": 1,
    "price": 0.000029,
    "versions": {name: {"python": "3.11"} for name in SERVERS},
    "servers": SEEN,
    "ratios": ratios(SEEN),
}


def test_the_median_of_each_figure_is_its_own() -> None:
    """Not that of the round whose rate is the median; what most rounds lack is left out."""
    rounds = [{"rate": 1.0, "p99": 9.0}, {"rate": 2.0, "p99": 1.0}, {"rate": 3.0, "p99": 5.0, "p50": 1.0}]
    assert medians(rounds) == {"rate": 2.0, "p99": 5.0}
    assert medians([{"p99": 2.0}, {}, {"p99": 4.0}]) == {"p99": 3.0}


def test_the_best_has_the_most_a_second_and_the_least_of_the_rest() -> None:
    """Each figure may be another server's; neither we nor hello world are one. The rivals by hand are no peers."""
    found = TOLD["ratios"]
    assert found["throughput_to_hello"] == found["p99_constant_to_hello"] == 2 / 3
    assert found["first_answer_from_bucket_to_hello"] == found["first_answer_from_bucket_half_to_hello"] == 1 / 3
    assert found["throughput_to_best_peer"] == found["vectors_to_best_rival"] == 2 / MOST
    assert found["memory_to_best_peer"] == found["memory_to_best_rival"] == 2 / 4
    by_hand = ratios({**SEEN, "granian-onnx": dict.fromkeys(FIGURES, 99.0)})
    assert (by_hand["rows_to_best_peer"], by_hand["rows_to_best_rival"]) == (2 / MOST, 2 / 99)
    assert by_hand["trees_1000_large_to_best_rival"] == 2 / 99


def test_two_of_our_figures_are_compared() -> None:
    """Rows with vectors, large bodies with scikit-learn, and formats with JSON."""
    expected = {
        "rows_to_vectors": 1.0,
        "rows_10k_to_sklearn": 2.0,
        "arrow_10k_to_json": 2.0,
        "arrow_dictionary_10k_to_json": 3.0,
        "binary_to_json": 5.0,
    }
    assert {name: TOLD["ratios"][name] for name in WITHIN} == expected


def test_what_was_not_measured_is_not_compared() -> None:
    """Of a choice of servers and parts."""
    assert ratios({"taxiway": {"large_rate": 1.0}, "kserve": {"memory": 1.0}}) == {}
    assert ratios({"kserve": {"memory": 1.0}}) == {}
    assert list(losses({"kserve": {"memory": 1.0}})) == []


def test_every_figure_in_which_a_server_is_better_is_a_loss() -> None:
    """Whichever way is better; not of hello world, and not where both are equal."""
    seen = {
        "taxiway": {"vectors_rate": 10.0, "memory": 30.0, "rows_rate": 5.0, "unsound": 0.1, "p50": 1.0},
        "hello": {"vectors_rate": 99.0},
        "granian-onnx": {"vectors_rate": 15.0, "memory": 20.0, "rows_rate": 5.0, "unsound": 0.0, "p50": 2.0},
        "kserve": {"vectors_rate": 9.0, "memory": 31.0, "unsound": 0.1},
    }
    found = {(loss.figure, loss.server): loss.times for loss in losses(seen)}
    assert found == {
        ("vectors_rate", "granian-onnx"): 1.5,
        ("memory", "granian-onnx"): 1.5,
        ("unsound", "granian-onnx"): math.inf,
    }


def test_a_rate_that_only_another_server_reaches_is_a_loss() -> None:
    """Ours has no time at it then."""
    (loss,) = losses({"taxiway": {"p99": 1.0}, "kserve": {"p99": 2.0, "p99_constant": 5.0}})
    assert (loss.figure, loss.server, loss.times) == ("p99_constant", "kserve", math.inf)


def test_the_price_is_that_of_the_runbook() -> None:
    """Of an instance of a CPU and 2 GiB while it answers, as the table of prices has them."""
    rows = re.findall(r"^\| .*(CPU|memory) while it answers a request \| \$([\d.]+)", RUNBOOK.read_text(), re.MULTILINE)
    prices = {name: float(price) for name, price in rows}
    assert price_of_a_second() == pytest.approx(prices["CPU"] + 2 * prices["memory"])


def test_a_million_predictions_cost_their_cpu_time() -> None:
    """A hundred microseconds each are a hundred seconds."""
    assert with_costs({"vectors_cpu": 1e-4, "p50": 1.0}, 0.00003) == pytest.approx(
        {"vectors_cpu": 1e-4, "p50": 1.0, "vectors_cost": 0.003}
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page as it is in the repository, to write over."""
    (tmp_path / "benchmarks.md").write_text((ROOT / "docs" / "benchmarks.md").read_text() + "\nThe end.\n")
    return tmp_path / "benchmarks.md"


def test_the_page_keeps_its_text_and_gets_new_figures(page: Path) -> None:
    """However often it is written."""
    write_document({**TOLD, "date": "1999-01-01"}, page.parent)
    write_document(TOLD, page.parent)
    text = page.read_text()
    assert text.startswith("# Benchmarks\n")
    assert text.endswith("The end.\n")
    assert "Measured on 2026-01-01: medians of 1 rounds, 1 s each load." in text
    assert "1999" not in text
    assert "5,000 in binary, 1,000 in JSON" in text
    assert "| `throughput_to_hello` | 0.67 |" in text
    assert "At $0.000029 for a second" in text
    assert "labels are not scikit-learn's" not in text
    assert ET.fromstring((page.parent / "benchmarks.svg").read_text()).tag.endswith("svg")  # noqa: S314 (ours)


def test_the_page_says_where_we_lose(page: Path) -> None:
    """And where labels differ from scikit-learn's; with nothing to say, that."""
    one_wrong = {**SEEN, "granian-onnx": {**SEEN["granian-onnx"], "large_differing": 3.0}}
    write_document({**TOLD, "servers": one_wrong}, page.parent)
    assert "| vectors a second | PyTriton | 13 | 2 | 6.50 |" in page.read_text()
    assert "Litestar, ONNX, Granian: 3 of 10,000 labels are not scikit-learn's (`large_differing`)" in page.read_text()
    write_document({**TOLD, "servers": {"taxiway": SEEN["taxiway"]}}, page.parent)
    assert "In no figure." in page.read_text()


def test_the_sentence_about_ours_needs_no_other_figures() -> None:
    """Those that only we have."""
    assert "5,000 in binary" in OTHERS.format_map(OURS_ALONE)


def test_bars_are_as_long_as_their_figures() -> None:
    """In relation to the longest of their panel."""
    drawn = ET.fromstring(plot(SEEN))  # noqa: S314 (ours)
    lengths = [int(bar.attrib["width"]) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(lengths) == len(PLOTTED) * len(SERVERS)
    assert lengths[: len(SERVERS)] == [round(420 * number / MOST) for number in range(2, int(MOST) + 1)]


def test_a_terminal_shows_all_figures() -> None:
    """A few servers side by side; a dash where a server has none."""
    tables = list(by_figure(SEEN))
    assert [name for table in tables for name in table[0][1:]] == list(SERVERS)
    (row,) = [row for row in tables[0] if row[0] == "arrow_rate"]
    assert row[1:3] == ["4.0", "-"]
