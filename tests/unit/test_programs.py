"""What happens where the programs that tests need are not installed."""

from pathlib import Path

import pytest

from tests.support.programs import GROUPS, main, need, sentence

LOAD = "The load tests need wrk and hey, which are not installed: apt-get install wrk hey"


@pytest.fixture(autouse=True)
def _nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program at all, not even what installs them."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


def test_one_sentence_names_what_is_missing_and_how_to_install_it() -> None:
    """For all groups of tests together."""
    assert sentence([GROUPS["load"]]) == LOAD
    assert sentence(GROUPS.values()) == (
        "The browser tests need chromium and chromedriver, the load tests need wrk and hey, "
        "the accessibility tests need node and npm, which are not installed: "
        "apt-get install chromium chromium-driver fonts-dejavu-core wrk hey nodejs npm"
    )


def test_one_of_several_browsers_is_enough(tmp_path: Path) -> None:
    """Whatever the system calls it."""
    for name in ("google-chrome", "chromedriver"):
        (tmp_path / name).touch(mode=0o755)
    assert sentence([GROUPS["browser"]]) == ""


def test_tests_are_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    """With the sentence at the start of the run and as the reason of each."""
    assert main([]) == 0
    assert capsys.readouterr().err.startswith("Skipped: The browser tests need chromium")
    with pytest.raises(pytest.skip.Exception, match=LOAD):
        need("load")


def test_no_test_is_skipped_in_ci(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The run fails before it starts, and so does each test."""
    monkeypatch.setenv("CI", "true")
    assert main([]) == 1
    assert capsys.readouterr().err.startswith("The browser tests need chromium")
    with pytest.raises(pytest.fail.Exception, match=LOAD):
        need("load")


def test_programs_that_were_asked_for_are_required(capsys: pytest.CaptureFixture[str]) -> None:
    """As `make load` asks for them."""
    assert main(["load"]) == 1
    assert capsys.readouterr().err == f"{LOAD}\n"
