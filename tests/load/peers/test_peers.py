"""What is made of the figures of several servers; no timing is asserted."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from function.inference.prediction import predict
from function.model.loaded import load
from function.protocols.open_inference import inference
from model_training.bundling.building import Packed
from tests.load.peers.document import plot, write_document
from tests.load.peers.models import some_rows, unpack
from tests.load.peers.ratios import PEERS, medians, ratios
from tests.load.peers.servers import LABELS, SERVERS, Question
from tests.load.peers.tensors import requests_of
from tests.support.binary_tensors import HEADER, read_outputs
from tests.support.function_process import ROOT

NAMES = (
    "rate",
    "rows_rate",
    "first_answer",
    "p50",
    "p99",
    "p99_constant",
    "unsound",
    "memory",
    "memory_half",
    "memory_requests",
)
SEEN = {name: dict.fromkeys(NAMES, float(number)) for number, name in enumerate(SERVERS, start=2)}
"""Ours has 2 of everything, hello world 3, the peers 4, 5 and 6."""
TOLD: dict[str, Any] = {
    "date": "2026-01-01",
    "rounds": 1,
    "seconds": 1,
    "versions": {name: {"python": "3.11"} for name in SERVERS},
    "servers": SEEN,
    "large": {
        "rows_rate": 30.0,
        "sklearn_rate": 20.0,
        "arrow_rate": 40.0,
        "arrow_dictionary_rate": 50.0,
        "p99_alone": 1.0,
        "p99_during": 2.0,
        "p99_ratio": 2.0,
    },
    "tensors": {"binary_rate": 5000.0, "json_rate": 1000.0},
    "ratios": ratios(SEEN, 30, 20),
}


def test_the_median_of_each_figure_is_its_own() -> None:
    """Not that of the round whose rate is the median."""
    rounds = [{"rate": 1.0, "p99": 9.0}, {"rate": 2.0, "p99": 1.0}, {"rate": 3.0, "p99": 5.0}]
    assert medians(rounds) == {"rate": 2.0, "p99": 5.0}


def test_the_best_peer_has_the_most_a_second_and_the_least_of_the_rest() -> None:
    """Each figure may be another peer's; neither we nor hello world are one."""
    assert TOLD["ratios"] == {
        "throughput_to_best_peer": 2 / 6,
        "rows_to_best_peer": 2 / 6,
        "throughput_to_hello": 2 / 3,
        "first_answer_to_best_peer": 2 / 4,
        "p99_constant_to_hello": 2 / 3,
        "p99_constant_to_best_peer": 2 / 4,
        "memory_to_best_peer": 2 / 4,
        "rows_10k_to_sklearn": 30 / 20,
    }


def test_the_peers_are_those_of_the_table() -> None:
    """Neither ours nor hello world."""
    assert set(PEERS) == {name for name, server in SERVERS.items() if server.peer}


@pytest.mark.parametrize("name", SERVERS)
def test_every_environment_is_locked_with_hashes(name: str) -> None:
    """And holds the same extras of uvicorn."""
    locked = SERVERS[name].requirements.read_text()
    assert len(re.findall(r"hash ?= ?\"?sha256:", locked)) > 20
    assert re.search(r'^(uvloop==|name = "uvloop"$)', locked, re.MULTILINE)
    assert re.search(r'^(httptools==|name = "httptools"$)', locked, re.MULTILINE)


def test_a_label_is_found_where_a_server_puts_it() -> None:
    """And nothing is taken for one where there is none."""
    question = Question("/", {}, ("outputs", 0, "data", 0))
    assert question.label_of(b'{"outputs":[{"data":[1]}]}') == 1
    with pytest.raises(LookupError):
        question.label_of(b'{"outputs":[]}')


def test_everybody_serves_the_model_of_the_bundle(bundle_path: Path, tmp_path: Path) -> None:
    """The same file for us, and for the peers its pipeline and that one's last step."""
    unpack(bundle_path, tmp_path)
    assert (tmp_path / "model.zip").read_bytes() == bundle_path.read_bytes()
    for name in LABELS:
        assert json.loads((tmp_path / name / "model-settings.json").read_text())["name"] == name
        assert (tmp_path / name / "model.joblib").stat().st_size > 500


def test_the_rows_are_the_same_each_time(bundle_path: Path) -> None:
    """And use what the model knows."""
    rows = some_rows(bundle_path, 100)
    assert rows == some_rows(bundle_path, 100)
    assert set(rows[0]) == {"carrier", "month", "origin", "period"}
    assert len({row["month"] for row in rows}) == 12


def test_tensors_are_the_same_in_both_ways(packed: Packed) -> None:
    """And the predictions too."""
    model = load(packed.data, None, 2**28)
    bodies = requests_of(10)
    (text, _), (binary, headers) = bodies["json"], bodies["binary"]
    queries = inference.decode(text, model), inference.decode_binary(headers[HEADER].encode(), binary, model)
    first, second = (inference.encode(query, predict(query, model), model) for query in queries)
    assert read_outputs(first.body, None) == read_outputs(second.body, second.headers[HEADER])
    assert requests_of(10) == bodies


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
    assert "5,000 rows a second in binary, 1,000 in JSON" in text
    assert "| `throughput_to_hello` | 0.67 |" in text
    assert ET.fromstring((page.parent / "benchmarks.svg").read_text()).tag.endswith("svg")  # noqa: S314 (ours)


def test_bars_are_as_long_as_their_figures() -> None:
    """In relation to the longest of their panel."""
    drawn = ET.fromstring(plot(SEEN))  # noqa: S314 (ours)
    lengths = [int(bar.attrib["width"]) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert lengths[:5] == [140, 210, 280, 350, 420]
