"""`python -m model_training smoke`, run as a person runs it."""

import hashlib
from typing import Any

import pytest
from google.cloud import storage

from function.model.manifest import Origin
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from model_training.publishing.waiting import CONSECUTIVE
from tests.support.commands import run
from tests.support.endpoints import LIVE, answering
from tests.support.function_process import FunctionProcess
from tests.support.ports import free_port
from tests.support.task_models import TASK_MODELS, rows

URI = "gs://models/flight-delay"


def smoke(url: str, *words: str) -> tuple[int, str]:
    """Run the command; return its exit code, and all that it said in one line."""
    result = run("smoke", url, "--to", URI, *words)
    return result.exit_code, " ".join((result.stdout + result.stderr).split())


@pytest.fixture
def published(bucket: storage.Bucket, packed: Packed) -> Packed:
    """A model in the bucket."""
    bucket.blob("flight-delay").upload_from_string(packed.data)
    return packed


def serving(packed: Packed, predictions: Any) -> list[Any]:
    """Return the answers, in turn, of a function that serves the model but for its predictions."""
    live = {**LIVE, "version": packed.manifest.version}
    return [{"status": "OK"}, *[live] * CONSECUTIVE, predictions]


def test_a_function_that_serves_the_live_model_passes(published: Packed) -> None:
    """Its golden rows, sent as a caller would, are predicted as in training."""
    with FunctionProcess({"MODEL_URI": URI}) as function:
        code, said = smoke(function.url)
    assert (code, f"predicts the golden rows of {published.manifest.version} as training did." in said) == (0, True)


def test_it_says_who_asks(published: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every request."""
    monkeypatch.setenv("ID_TOKEN", "me")
    golden = published.manifest.golden
    assert golden
    with answering(*serving(published, {"predictions": list(golden.labels)})) as endpoint:
        assert smoke(endpoint.url)[0] == 0
    assert {path for path, *_ in endpoint.asked} == {"/health", "/model", "/predict"}
    assert {authorization for *_, authorization in endpoint.asked} == {"Bearer me"}


@pytest.mark.parametrize(
    ("name", "factor", "code"), [("two-values", 1.0, 0), ("two-values", 1.001, 1), ("two-texts", 1, 0)]
)
def test_each_of_several_outputs_is_compared(bucket: storage.Bucket, name: str, factor: float, code: int) -> None:
    """The last one of the last row, too."""
    sample = Dataset(name, rows(), None, Origin("rows", "0" * 64, 1))
    published = build_bundle(TASK_MODELS[name](), sample, None, seed=0)
    bucket.blob("flight-delay").upload_from_string(published.data)
    assert published.manifest.golden
    labels: list[Any] = list(map(list, published.manifest.golden.labels))  # type: ignore[arg-type]
    labels[-1][-1] = labels[-1][-1] * factor
    with answering(*serving(published, {"predictions": labels})) as endpoint:
        assert smoke(endpoint.url)[0] == code


def test_other_predictions_fail(published: Packed) -> None:
    """However few they are."""
    golden = published.manifest.golden
    assert golden
    first, *others = golden.labels
    with answering(*serving(published, {"predictions": [int(first == 0), *others]})) as endpoint:
        code, said = smoke(endpoint.url)
    assert (code, f"predicts 1 of {len(golden.labels)} golden rows differently from training" in said) == (1, True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"predictions": [0]}, "did not return one prediction for each row"),
        ([], "did not return one prediction for each row"),
        (b"<html>", "responded with invalid JSON"),
        (500, "/predict responded with status 500."),
        (403, "/predict responded with status 403: the identity of ID_TOKEN has no permission"),
    ],
)
def test_a_bad_answer_fails(published: Packed, answer: Any, words: str) -> None:
    """With the reason."""
    with answering(*serving(published, answer)) as endpoint:
        code, said = smoke(endpoint.url)
    assert (code, words in said) == (1, True), said


def test_another_version_fails(published: Packed) -> None:
    """After the time to take it up."""
    with answering({"status": "OK"}, LIVE) as endpoint:
        code, said = smoke(endpoint.url, "--wait-seconds", "1")
    assert (code, f"does not serve {published.manifest.version} after 1 s" in said) == (1, True)


def test_a_model_that_is_published_meanwhile_is_checked_instead(bucket: storage.Bucket, published: Packed) -> None:
    """The deployment is good, whoever publishes."""
    sample = Dataset("two-values", rows(), None, Origin("rows", "0" * 64, 1))
    newer = build_bundle(TASK_MODELS["two-values"](), sample, None, seed=0)
    assert newer.manifest.golden
    labels: list[Any] = list(map(list, newer.manifest.golden.labels))  # type: ignore[arg-type]

    def publish() -> Any:
        if len(endpoint.asked) == 2:
            bucket.blob("flight-delay").upload_from_string(newer.data)
        path = endpoint.asked[-1][0]
        return {"predictions": labels} if path == "/predict" else {**LIVE, "version": newer.manifest.version}

    with answering(publish) as endpoint:
        code, said = smoke(endpoint.url, "--wait-seconds", "1")
    assert code == 0, said
    assert f"has a newer model than {published.manifest.version}: checking {newer.manifest.version}." in said
    assert f"predicts the golden rows of {newer.manifest.version} as training did." in said


def test_an_unhealthy_function_fails(published: Packed) -> None:
    """At once where that won't pass, else after a while; so does one that does not answer at all."""
    for status in (500, 503):
        with answering(status) as endpoint:
            code, said = smoke(endpoint.url, "--wait-seconds", "1")
        assert (code, f"/health responded with status {status}." in said) == (1, True)
        assert (len(endpoint.asked) == 1) == (status == 500)
    code, said = smoke(f"http://127.0.0.1:{free_port()}", "--wait-seconds", "1")
    assert (code, "no response: ConnectionError" in said) == (1, True)


def test_a_host_that_does_not_exist_fails_at_once(published: Packed) -> None:
    """It will not come into being by waiting."""
    code, said = smoke("https://no-such-host.invalid", "--wait-seconds", "600")
    assert (code, "there is no such host: check the address." in said) == (1, True), said


def test_waiting_is_not_silent(published: Packed) -> None:
    """The first failure is shown at once, with how long it is tried."""
    golden = published.manifest.golden
    assert golden
    with answering(404, 404, *serving(published, {"predictions": list(golden.labels)})) as endpoint:
        code, said = smoke(endpoint.url)
    assert code == 0
    assert said.count("/health responded with status 404. Trying again for up to 120 s.") == 1


def test_a_function_may_take_its_time(published: Packed) -> None:
    """The right to call it gets around in a while."""
    golden = published.manifest.golden
    assert golden
    with answering(403, 403, *serving(published, {"predictions": list(golden.labels)})) as endpoint:
        assert smoke(endpoint.url)[0] == 0


def test_a_bare_model_has_no_golden_rows(bucket: storage.Bucket) -> None:
    """Its version is all that can be compared."""
    bucket.blob("flight-delay").upload_from_string(b"a joblib file")
    live = {**LIVE, "version": hashlib.sha256(b"a joblib file").hexdigest()[:12]}
    with answering({"status": "OK"}, *[live] * CONSECUTIVE) as endpoint:
        code, said = smoke(endpoint.url)
    assert (code, "has no golden rows: predictions were not checked." in said) == (0, True)


def test_without_a_model_it_fails(bucket: storage.Bucket) -> None:
    """There is nothing to compare with."""
    with answering({"status": "OK"}) as endpoint:
        code, said = smoke(endpoint.url)
    assert (code, f"{URI} has no model yet: publish one" in said) == (1, True)
