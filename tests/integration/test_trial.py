"""model_training/publishing/trial.py: the process in which a model is tried."""

from pathlib import Path

import pytest

from function.errors import Refused
from model_training.bundling.building import Packed
from model_training.publishing.trial import Limits, run_trial, try_model
from tests.support.bad_files import RunsCode, dumped, with_other_golden_rows
from tests.support.variants import endless, greedy

LIMITS = Limits()
SHORT = Limits(seconds=4)


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    """A folder in the place of `function/`, whose `load` is still to be written."""
    folder = tmp_path / "serving"
    (folder / "model").mkdir(parents=True)
    for package in (folder, folder / "model"):
        (package / "__init__.py").touch()
    (folder / "errors.py").write_text("class Refused(Exception): pass\n")
    return folder


def tried(serving: Path, load: str, limits: Limits = SHORT) -> str:
    """Run the process with this body of `load`; return why it refuses."""
    lines = "\n    ".join(["import os, sys", "from function.errors import Refused", *load.splitlines()])
    (serving / "model" / "loaded.py").write_text(f"def load(data, generation, max_bytes, name):\n    {lines}\n")
    return run_trial(b"data", "model", limits, serving).refused


def test_a_good_model_passes(packed: Packed) -> None:
    """And is known by its version."""
    identity, warnings = try_model(packed.data, "model", LIMITS)
    assert (identity.version, warnings) == (packed.manifest.version, ())


def test_a_bare_joblib_passes() -> None:
    """By the same serving code, in the same memory."""
    from tests.support.foreign_models import truth

    identity, _ = try_model(dumped(truth().model), "model", LIMITS)
    assert identity.manifest is None


def test_the_serving_code_refuses(packed: Packed) -> None:
    """In its own words: golden rows that differ, code in a pickle."""
    with pytest.raises(Refused, match="other labels than in training"):
        try_model(with_other_golden_rows(packed), "model", LIMITS)
    with pytest.raises(Refused, match="not on the list"):
        try_model(dumped(RunsCode()), "model", LIMITS)


def test_the_training_can_not_be_imported(serving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where PYTHONPATH leads there; nor the tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    for module in ("model_training", "model_training.publishing.trial", "tests"):
        load = f"try:\n    import {module}\nexcept ModuleNotFoundError as error:\n    raise Refused(str(error))"
        assert tried(serving, load) == f"No module named {module.partition('.')[0]!r}"


def test_the_process_sees_no_credentials(serving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment but where to find programs."""
    monkeypatch.setenv("ID_TOKEN", "secret")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/secret")
    names = set(tried(serving, "raise Refused(' '.join(os.environ))").split())
    assert "PATH" in names
    assert not names & {"ID_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"}


@pytest.mark.parametrize(
    ("load", "words"),
    [
        ("os.abort()", "ended with SIGABRT"),
        ("os._exit(3)", "ended with exit code 3"),
        ("print('{}'); os._exit(3)", "ended with exit code 3"),
        ("sys.stdout.close(); os._exit(0)", "exit code 0 and no result"),
        ("import time; time.sleep(60)", "more than 4 s"),
        ("while True: pass", "more than 4 s"),
    ],
)
def test_whatever_ends_the_process_refuses_the_model(serving: Path, load: str, words: str) -> None:
    """A crash, an exit without an answer, no end."""
    with pytest.raises(Refused, match=words):
        tried(serving, load)


def test_an_unknown_failure_is_named_by_its_type(serving: Path) -> None:
    """Its text may hold anything."""
    assert tried(serving, "raise KeyError('secret')") == "reading it failed with an unexpected KeyError"


def test_too_much_memory_is_refused(packed: Packed, serving: Path) -> None:
    """Python's own and that of a graph, in the same sentence."""
    with pytest.raises(Refused, match=r"takes more than 4 GiB of memory"):
        try_model(greedy(packed), "model", LIMITS)
    (serving / "model" / "loaded.py").write_text("def load(*_): bytes(5 * 2**30)\n")
    assert run_trial(b"", "model", LIMITS, serving).out_of_memory


def test_a_graph_that_does_not_end_is_refused(packed: Packed) -> None:
    """After the time limit of a trial."""
    with pytest.raises(Refused, match="takes more than 4 s"):
        try_model(endless(packed), "model", SHORT)
