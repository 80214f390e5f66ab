"""`publish --wait` and `rollback --wait`, against a running function and its bucket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from tests.support.bad_files import with_other_golden_rows
from tests.support.commands import run, written
from tests.support.endpoints import EMPTY, LIVE, answering
from tests.support.function_process import FunctionProcess
from tests.support.variants import of_quality

URI = "gs://models/flight-delay"


@pytest.fixture(autouse=True)
def _address(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is in the environment; the bucket keeps versions."""
    monkeypatch.setenv("MODEL_URI", URI)


@pytest.fixture
def function(_address: None) -> Iterator[FunctionProcess]:
    """Two workers that look for a newer model every second."""
    with FunctionProcess({"MODEL_REFRESH_SECONDS": "1", "WORKERS": "2"}) as running:
        yield running


def version(function: FunctionProcess) -> str:
    """Ask for what is live."""
    told: str = function.client.get("/model").json()["version"]
    return told


def test_what_is_published_is_served_when_the_command_ends(
    function: FunctionProcess, tmp_path: Path, packed: Packed
) -> None:
    """The first model, the next one, and the first again by a rollback; `status` agrees each time."""
    old, new = packed.data, of_quality(packed, 0.9)
    first = run("publish", written(tmp_path, old), "--wait", function.url)
    assert first.exit_code == 0, first.stderr
    assert version(function) == packed.manifest.version
    second = run("publish", written(tmp_path, new), "--wait", function.url)
    assert second.exit_code == 0, second.stderr
    assert version(function) != packed.manifest.version
    assert f"{function.url} serves {version(function)} after" in second.stdout
    back = run("rollback", "--wait", function.url)
    assert back.exit_code == 0, back.stderr
    assert version(function) == packed.manifest.version
    assert run("status", function.url).exit_code == 0


def test_a_rollback_over_a_refused_model_is_served(
    function: FunctionProcess, bucket: storage.Bucket, tmp_path: Path, packed: Packed
) -> None:
    """The function has said why it refuses the live one, and goes on to the copy."""
    assert run("publish", written(tmp_path, packed.data), "--wait", function.url).exit_code == 0
    bucket.blob("flight-delay").upload_from_string(with_other_golden_rows(packed))
    assert run("rollback", "--wait", function.url, "--wait-seconds", "30").exit_code == 0
    answer = function.client.get("/model").json()
    assert answer["version"] == packed.manifest.version


def test_a_function_with_another_model_uri_is_reported(tmp_path: Path, packed: Packed) -> None:
    """The time passes; the sentence says what it served last, and why."""
    with FunctionProcess({"MODEL_URI": "gs://models/other", "MODEL_REFRESH_SECONDS": "1"}) as function:
        result = run("publish", written(tmp_path, packed.data), "--wait", function.url, "--wait-seconds", "2")
    assert result.exit_code == 1
    assert f"does not serve {packed.manifest.version} after 2 s; last response: no model; " in result.stderr
    assert "there is no object gs://models/other" in result.stderr
    assert "Published" in result.stdout


def test_every_instance_is_waited_for(tmp_path: Path, packed: Packed) -> None:
    """One that still serves the old model now and then holds the command up."""
    new = {**LIVE, "version": packed.manifest.version}
    with answering(*[new] * 9, LIVE) as endpoint:
        result = run("publish", written(tmp_path, packed.data), "--wait", endpoint.url, "--wait-seconds", "4")
    assert result.exit_code == 1
    assert f"last response: version {LIVE['version']}, generation 1." in result.stderr
    with answering(LIVE, *[new] * 10) as endpoint:
        result = run("publish", written(tmp_path, packed.data), "--wait", endpoint.url, "--wait-seconds", "10")
    assert (result.exit_code, len(endpoint.asked)) == (0, 11)


def test_a_refusal_of_this_generation_ends_the_wait(bucket: storage.Bucket, tmp_path: Path, packed: Packed) -> None:
    """It will not be fetched again."""
    path = written(tmp_path, packed.data)
    run("publish", path)
    generations: list[int] = []

    def refusing() -> object:
        blob = bucket.get_blob("flight-delay")
        assert blob is not None
        generations.append(int(blob.generation))
        return {**LIVE, "refused": {"generation": generations[-1], "reason": "it is too large"}}

    with answering(refusing) as endpoint:
        result = run("publish", path, "--wait", endpoint.url)
    assert (result.exit_code, len(generations)) == (1, 1)
    assert f"generation {generations[0]} is refused: it is too large" in result.stderr


@pytest.mark.parametrize(("answer", "words"), [(403, "status 403"), (EMPTY, "no model")])
def test_the_last_response_is_reported(tmp_path: Path, packed: Packed, answer: object, words: str) -> None:
    """When the time has passed."""
    with answering(answer) as endpoint:
        result = run("publish", written(tmp_path, packed.data), "--wait", endpoint.url, "--wait-seconds", "1")
    assert (result.exit_code, f"last response: {words}" in result.stderr) == (1, True)


def test_the_identity_token_goes_along(tmp_path: Path, packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each probe."""
    monkeypatch.setenv("ID_TOKEN", "abc")
    with answering({**LIVE, "version": packed.manifest.version}) as endpoint:
        assert run("publish", written(tmp_path, packed.data), "--wait", endpoint.url).exit_code == 0
    assert {header for *_, header in endpoint.asked} == {"Bearer abc"}


def test_a_wrong_address_is_found_before_anything_is_published(
    bucket: storage.Bucket, tmp_path: Path, packed: Packed
) -> None:
    """Exit code 2."""
    assert run("publish", written(tmp_path, packed.data), "--wait", "localhost:8080").exit_code == 2
    assert not bucket.blob("flight-delay").exists()
