"""The same rows in every content type, against a real process: the same labels, and probabilities to the last bit."""

import gzip
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from model_training.bundling.building import Packed
from tests.e2e.test_dialects import flights
from tests.support.foreign_models import MODELS
from tests.support.formats import (
    ARROW,
    CSV,
    JSON,
    NDJSON,
    Sent,
    bodies_of,
    csv_of,
    frame_of,
    rows_of,
    stream_of,
    table_of,
)
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of, packed_of

ROWS = 100
MAX_ROWS, MAX_BODY_BYTES = 200, 100_000


class Case(NamedTuple):
    """A running function, its model, and rows for it."""

    function: FunctionProcess
    packed: Packed
    instances: list[dict[str, Any]]

    def post(self, sent: Sent, query: str = "", **headers: str) -> httpx.Response:
        """Post a body."""
        return self.function.client.post(
            f"{sent.path}{query}", content=sent.body, headers={"Content-Type": sent.media_type, **headers}
        )

    def expected(self, output: str) -> list[Any]:
        """Return the predictions for the rows as JSON."""
        body = {"instances": self.instances, "parameters": {"output": output}}
        return list(self.function.client.post("/predict", json=body).raise_for_status().json()["predictions"])


def in_order(instances: list[dict[str, Any]], model: Packed) -> list[dict[str, Any]]:
    """Put the values of rows in the order of the features, in which they need no header."""
    names = [feature.name for feature in model.manifest.features]
    return [{name: row[name] for name in names} for row in instances]


@pytest.fixture(scope="module", params=["flights", "mixed", "multiclass", "regression"])
def case(request: pytest.FixtureRequest, packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """A function that serves a model of two classes (compiled or not, values missing), of three, or of a value."""
    if request.param == "flights":
        model, instances = packed, flights(packed)
    else:
        foreign = MODELS[request.param]()
        model, instances = packed_of(foreign, request.param), instances_of(foreign.X.head(ROWS))
    instances = in_order(instances, model)
    path = tmp_path_factory.mktemp("model") / "model.zip"
    path.write_bytes(model.data)
    limits = {"MAX_ROWS": str(MAX_ROWS), "MAX_BODY_BYTES": str(MAX_BODY_BYTES)}
    with FunctionProcess({"MODEL_URI": str(path), **limits}) as function:
        yield Case(function, model, instances)


FORMATS = sorted(bodies_of([{"a": 1, "b": "x"}] * 10))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_predicts_the_same(case: Case, name: str) -> None:
    """Labels, and probabilities bit for bit."""
    sent = bodies_of(case.instances)[name]
    outputs = ["label"] if case.packed.manifest.task == "regression" else ["label", "probability"]
    for output in outputs:
        response = case.post(sent, f"?output={output}", Accept=JSON)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == JSON
        assert response.headers["x-model-version"] == case.packed.manifest.version
        assert response.json()["predictions"] == case.expected(output)


@pytest.mark.parametrize("media_type", [CSV, NDJSON, ARROW])
def test_every_format_answers_the_same(case: Case, media_type: str) -> None:
    """On `/predict` in the format of the body, and on both paths in the one that Accept names."""
    sent = next(sent for sent in bodies_of(case.instances).values() if sent[:2] == ("/predict", media_type))
    responses = [
        case.post(sent),
        case.post(sent, Accept="*/*"),
        case.post(Sent("/predict", JSON, json.dumps({"instances": case.instances}).encode()), Accept=media_type),
        case.post(sent._replace(path="/invocations"), Accept=f"{media_type}{'; header=present' * (media_type == CSV)}"),
    ]
    for response in responses:
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].partition(";")[0] == media_type
        assert rows_of(media_type, response.content) == case.expected("label")
    if case.packed.manifest.task == "binary":
        column = "prediction" if media_type == NDJSON else "probability"
        probabilities = case.post(sent, "?output=probability")
        assert rows_of(media_type, probabilities.content, column) == case.expected("probability")


def test_every_format_over_wsgi(bundle_path: Path, packed: Packed) -> None:
    """By the other entry point."""
    instances = in_order(flights(packed), packed)
    with FunctionProcess({"MODEL_URI": str(bundle_path)}, target="predict_flask") as function:
        expected = function.client.post("/predict", json={"instances": instances}).json()["predictions"]
        for name, sent in bodies_of(instances).items():
            headers = {"Content-Type": sent.media_type, "Accept": JSON}
            response = function.client.post(sent.path, content=sent.body, headers=headers)
            assert response.json()["predictions"] == expected, name


def test_sagemaker_gets_a_line_a_row(case: Case) -> None:
    """It sends CSV without a header, and accepts CSV."""
    sent = bodies_of(case.instances)["csv without header"]
    response = case.post(sent, Accept=CSV)
    labels = [str(label) for label in case.expected("label")]
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=absent"
    assert response.text.splitlines() == labels
    assert case.function.client.get("/ping").content == b"\n"
    assert case.function.client.get("/version").text == case.function.client.get("/v2").json()["version"]


def test_curl_sends_a_file(case: Case, tmp_path: Path) -> None:
    """As the documents show it."""
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(frame_of(case.instances)))
    command = ["curl", "-sS", f"{case.function.url}/predict", "-H", f"Content-Type: {CSV}", "--data-binary", f"@{path}"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert rows_of(CSV, done.stdout) == case.expected("label")


def test_the_limits_hold_in_every_format(case: Case) -> None:
    """Bytes, inflated bytes, and rows."""
    table = table_of(case.instances)
    for name, sent in bodies_of(case.instances).items():
        zipped = case.post(sent._replace(body=gzip.compress(sent.body)), **{"Content-Encoding": "gzip", "Accept": JSON})
        assert zipped.json()["predictions"] == case.expected("label"), name
        large = gzip.compress(sent.body + b" " * MAX_BODY_BYTES)
        assert case.post(sent._replace(body=large), **{"Content-Encoding": "gzip"}).status_code == 413
    many = [*case.instances, *case.instances, case.instances[0]]
    for name, sent in bodies_of(many).items():
        if len(sent.body) <= MAX_BODY_BYTES:
            response = case.post(sent)
            assert (response.status_code, "200 rows" in response.text) == (413, True), name
    assert case.post(Sent("/predict", ARROW, stream_of(table.slice(0, 0)))).status_code == 200


def test_compressed_buffers_are_refused_by_name(case: Case) -> None:
    """A few bytes of them can mean any amount of memory."""
    for compression in ("lz4", "zstd"):
        body = stream_of(table_of(case.instances), compression=compression)
        response = case.post(Sent("/predict", ARROW, body))
        assert response.status_code == 422
        assert "without compression" in response.json()["error"]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_than_a_comma_is_named(case: Case, separator: str) -> None:
    """Spreadsheets of many countries write semicolons."""
    body = csv_of(frame_of(case.instances), sep=separator)
    response = case.post(Sent("/predict", CSV, body))
    assert response.status_code == 422
    assert response.json()["error"] == "line[1]: the values of a line must be separated by commas"


def test_what_is_not_supported_says_what_is(case: Case) -> None:
    """415 lists the content types, and names Arrow for Parquet; 406 lists what can be answered."""
    for path in ("/predict", "/invocations"):
        other = case.post(Sent(path, "application/xml", b"<a/>"))
        assert other.status_code == 415
        assert all(each in other.text for each in (JSON, CSV, NDJSON, ARROW))
        parquet = case.post(Sent(path, "application/vnd.apache.parquet", b"PAR1"))
        assert parquet.status_code == 415
        assert ARROW in parquet.text
        assert "taxiway score" in parquet.text
        refused = case.post(Sent(path, JSON, b"{}"), Accept="image/png")
        assert refused.status_code == 406
        assert CSV in refused.text
    for accept in (JSON, "*/*", "text/html, */*;q=0.1", "application/*"):
        body = json.dumps({"instances": case.instances[:1]}).encode()
        response = case.post(Sent("/predict", JSON, body), Accept=accept)
        assert (response.status_code, response.headers["content-type"]) == (200, JSON)
