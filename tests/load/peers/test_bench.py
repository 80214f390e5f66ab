"""`make bench` against real processes, as short as it can be; no timing is asserted."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.load import process_group
from tests.load.peers.bench import main
from tests.load.peers.measuring.bench import Bench
from tests.load.peers.measuring.parts import measure
from tests.load.peers.measuring.throttle import Throttle
from tests.load.peers.models import unpack
from tests.load.programs import Unusable
from tests.support.programs import need

pytestmark = pytest.mark.alone
IN_ANOTHER_GROUP = """
import subprocess, sys
child = "import time; held = bytearray(b'1') * 50_000_000; print('there', flush=True); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True).wait()
"""


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    """Without these there is nothing to test with."""
    need("load")


@pytest.fixture
def bench(bundle_path: Path, tmp_path: Path) -> Bench:
    """The function, in this very environment."""
    model = unpack(bundle_path, tmp_path / "models")
    home = Path(sys.executable).parents[1]
    return Bench(dict.fromkeys(("taxiway", "hello"), home), model, {5: model}, seconds=1)


def test_large_bodies_are_answered_as_scikit_learn_does(bench: Bench) -> None:
    """By the linear model, and by whatever stands for trees; every answer is compared."""
    figures = measure(bench, "taxiway", ["large", "trees"])
    assert figures["large_rate"] > figures["trees_5_rate"] > 0
    assert figures["large_differing"] == figures["trees_5_large_differing"] == figures["unsound"] == 0


def test_a_part_that_does_not_concern_a_server_has_no_figures(bench: Bench) -> None:
    """Hello world has no rows."""
    assert measure(bench, "hello", ["bucket", "large", "trees", "formats"]) == {"unsound": 0.0}


@pytest.mark.parametrize(("share", "stopped"), [(0.5, True), (1, False)])
def test_a_throttled_process_is_stopped_again_and_again(share: float, *, stopped: bool) -> None:
    """While it is throttled, and not afterwards; a whole core is no limit."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        stat = Path(f"/proc/{process.pid}/stat")
        seen = set()
        with Throttle(process.pid, share):
            for _ in range(60):
                time.sleep(0.01)
                seen.add(stat.read_text().split()[2])
        assert ("T" in seen) == stopped
        assert seen - {"T"}
        assert stat.read_text().split()[2] != "T"
        process.kill()


def test_on_half_a_core_a_server_starts_all_the_same(bench: Bench) -> None:
    """The figure is of that start."""
    assert set(measure(bench, "hello", ["throttled"])) == {"first_answer_half", "unsound"}


def test_a_server_without_rows_is_not_asked_for_one(bench: Bench) -> None:
    """It is stopped, and the error names it."""
    with pytest.raises(Unusable, match="hello world has no notion of a row"), bench.started("hello", kind="row"):
        pass


def test_what_a_server_starts_elsewhere_counts_as_its_own() -> None:
    """A process in a session of its own, with its memory and CPU time."""
    with subprocess.Popen(
        [sys.executable, "-c", IN_ANOTHER_GROUP], start_new_session=True, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "there\n"
        members = process_group.members(parent.pid)
        assert len(members) == 2
        assert len({os.getpgid(pid) for pid in members}) == 2
        assert process_group.cpu_seconds(parent.pid) > 0
        assert process_group.memory(parent.pid) > 50_000_000
        for pid in members:
            os.kill(pid, 9)


def test_only_what_exists_can_be_chosen() -> None:
    """The others are listed."""
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, ["--only", "taxiway,nobody"])
    assert result.exit_code == 2
    assert "nobody" in result.output
    assert CliRunner().invoke(app, ["--parts", "nothing"]).exit_code == 2
